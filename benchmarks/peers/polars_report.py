"""New and churned users of an app by week, by polars: FILE APP TODAY"""

import datetime
import json
import os
import sys

os.environ["POLARS_MAX_THREADS"] = "2"

import polars as pl

file, app, today = sys.argv[1:4]
today = datetime.date.fromisoformat(today)
monday = today - datetime.timedelta(days=today.weekday())
mondays = [monday - datetime.timedelta(weeks=52 - week) for week in range(52)]
names = ["addonKey", "licenseType", "installedOnSandbox", "tier", "maintenanceStartDate", "maintenanceEndDate"]
excluded = [
    "OPEN_SOURCE", "COMMUNITY", "FREE", "LEGACY_FREE", "FOUNDATION_FREE", "EVALUATION",
    "NET_NEW_EVALUATION", "UPGRADE_EVALUATION", "DEMONSTRATION", "INTERNAL USE",
]
license = (
    pl.scan_ndjson(file, schema={name: pl.String for name in names})
    .filter(
        (pl.col("addonKey") == app)
        & (pl.col("installedOnSandbox") != "Yes")
        & ~pl.col("licenseType").is_in(excluded)
    )
    .select(
        start=pl.col("maintenanceStartDate").str.to_date("%Y-%m-%d"),
        stop=pl.col("maintenanceEndDate").str.to_date("%Y-%m-%d"),
        users=pl.when(pl.col("tier").str.starts_with("Unlimited"))
        .then(10001)
        .otherwise(pl.col("tier").str.extract(r"^(\d+)", 1).cast(pl.Int64)),
    )
    .filter(pl.col("start") < pl.col("stop"))
    .collect(engine="streaming")
)


def by_week(day):
    sums = license.group_by(pl.col(day).dt.truncate("1w")).agg(pl.col("users").sum())
    return dict(sums.iter_rows())


gained, lost = by_week("start"), by_week("stop")
print(json.dumps([[str(day), gained.get(day, 0), lost.get(day, 0)] for day in mondays]))
