#!/bin/sh
# Back up what this project keeps, while it runs:
#
#   sh examples/backup/backup.sh FOLDER [PART...]
#
# Parts are temporal, records and bucket, in this order if none is named: each holds whatever the one
# before it tells of. Run again, it replaces the first two and copies only new pictures; older ones are
# kept by snapshots of FOLDER. docs/backup.md says more.
#
# From the environment, as values and not as files (*_FILE): DATABASE_URL, S3_BUCKET, S3_ENDPOINT_URL, S3_REGION,
# S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY; and TEMPORAL_DB, the dev server's file.
set -eu
umask 077

refuse() {
    echo "backup: $1" >&2
    exit 2
}

[ $# -gt 0 ] || refuse "say to which FOLDER"
folder=$1
shift
[ $# -gt 0 ] || set -- temporal records bucket
for part in "$@"; do
    case $part in
    temporal | records | bucket) ;;
    *) refuse "there is no part $part: parts are temporal, records and bucket" ;;
    esac
done
mkdir -p "$folder"

# SQLite's own copy of one moment, beside whoever writes; cp would tear it.
copy_sqlite() {
    rm -f "$2.new"
    python -c 'import pathlib, sqlite3, sys
source = pathlib.Path(sys.argv[1]).resolve()
try:
    database = sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=60)
    database.execute("VACUUM INTO ?", sys.argv[2:])
except sqlite3.Error as error:
    sys.exit(f"backup: {source}: {error}")' "$1" "$2.new"
    mv "$2.new" "$2"
}

temporal() {
    copy_sqlite "$TEMPORAL_DB" "$folder/temporal.db"
}

records() {
    case $DATABASE_URL in
    sqlite:///*)
        copy_sqlite "${DATABASE_URL#sqlite:///}" "$folder/records.db"
        ;;
    *)
        pg_dump --format=custom --file="$folder/records.dump.new" --dbname="$DATABASE_URL"
        mv "$folder/records.dump.new" "$folder/records.dump"
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
        rclone --config= sync "shop:${S3_BUCKET:-receipts}" "$folder/bucket"
}

for part in "$@"; do
    "$part"
    echo "$part: done"
done
