#!/bin/sh
# Restore a backup to an empty place, before any worker runs there:
#
#   sh examples/backup/restore.sh FOLDER [PART...]
#
# Parts and environment are those of backup.sh, but of the other place. Temporal's file must not be
# there yet and the database must be empty; the bucket is made. docs/backup.md says what comes next.
set -eu
umask 077
folder=$1
shift

copy_file() {
    if [ -e "$2" ]; then
        echo "restore: $2 is there already, and is not written over" >&2
        exit 1
    fi
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2"
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
    RCLONE_CONFIG_SHOP_TYPE=s3 \
        RCLONE_CONFIG_SHOP_PROVIDER=Other \
        RCLONE_CONFIG_SHOP_ENDPOINT="$S3_ENDPOINT_URL" \
        RCLONE_CONFIG_SHOP_REGION="${S3_REGION:-us-east-1}" \
        RCLONE_CONFIG_SHOP_ACCESS_KEY_ID="$S3_ACCESS_KEY_ID" \
        RCLONE_CONFIG_SHOP_SECRET_ACCESS_KEY="$S3_SECRET_ACCESS_KEY" \
        rclone --config= copy "$folder/bucket" "shop:${S3_BUCKET:-receipts}"
}

[ $# -gt 0 ] || set -- temporal records bucket
for part in "$@"; do
    "$part"
    echo "$part: done"
done
