#!/bin/sh
# Restore a backup to an empty place, before any worker runs there:
#
#   sh examples/backup/restore.sh FOLDER [PART...]
#
# Parts and environment are those of backup.sh, but of the other place. Temporal's file must not be
# there yet and the database must be empty; the bucket is made. docs/backup.md says what comes next.
set -eu
umask 077

refuse() {
    echo "restore: $1" >&2
    exit "${2:-2}"
}

[ $# -gt 0 ] || refuse "say from which FOLDER"
folder=$1
shift
[ $# -gt 0 ] || set -- temporal records bucket
for part in "$@"; do
    case $part in
    temporal | records | bucket) ;;
    *) refuse "there is no part $part: parts are temporal, records and bucket" ;;
    esac
done

# What SQLite left beside a file that was moved away, it would write into the restored one.
copy_file() {
    for there in "$2" "$2-wal" "$2-journal"; do
        [ ! -e "$there" ] || refuse "$there is there already, and is not written over" 1
    done
    mkdir -p "$(dirname "$2")"
    # A copy that is broken off is not mistaken for the file.
    cp "$1" "$2.new"
    mv "$2.new" "$2"
}

temporal() {
    copy_file "$folder/temporal.db" "$TEMPORAL_DB"
}

records() {
    case $DATABASE_URL in
    sqlite:///*)
        copy_file "$folder/records.db" "${DATABASE_URL#sqlite:///}"
        ;;
    *)
        # All or nothing; owner and grants are those of the other place.
        pg_restore --single-transaction --no-owner --no-privileges --dbname="$DATABASE_URL" \
            "$folder/records.dump"
        ;;
    esac
}

bucket() {
    # Amazon's own has no endpoint, and its keys are where its tools look for them.
    provider=Other endpoint=$S3_ENDPOINT_URL is_aws=false
    if [ "$S3_ENDPOINT_URL" = aws ]; then
        provider=AWS endpoint='' is_aws=true
    fi
    RCLONE_CONFIG_SHOP_TYPE=s3 \
        RCLONE_CONFIG_SHOP_PROVIDER=$provider \
        RCLONE_CONFIG_SHOP_ENDPOINT="$endpoint" \
        RCLONE_CONFIG_SHOP_ENV_AUTH=$is_aws \
        RCLONE_CONFIG_SHOP_REGION="${S3_REGION:-us-east-1}" \
        RCLONE_CONFIG_SHOP_ACCESS_KEY_ID="${S3_ACCESS_KEY_ID:-}" \
        RCLONE_CONFIG_SHOP_SECRET_ACCESS_KEY="${S3_SECRET_ACCESS_KEY:-}" \
        rclone --config= copy "$folder/bucket" "shop:${S3_BUCKET:-receipts}"
}

for part in "$@"; do
    "$part"
    echo "$part: done"
done
