"""New and churned users of an app by week, by DuckDB: FILE APP TODAY"""

import json
import sys

import duckdb

file, app, today = sys.argv[1:4]
duckdb.execute("SET threads = 2")
rows = duckdb.execute(
    """
    WITH license AS (
        SELECT
            maintenanceStartDate AS start,
            maintenanceEndDate AS stop,
            CASE WHEN tier ILIKE 'unlimited%' THEN 10001
                 ELSE TRY_CAST(split_part(tier, ' ', 1) AS BIGINT) END AS users
        FROM read_json($file, format = 'newline_delimited', columns = {
            addonKey: 'VARCHAR', licenseType: 'VARCHAR', installedOnSandbox: 'VARCHAR', tier: 'VARCHAR',
            maintenanceStartDate: 'DATE', maintenanceEndDate: 'DATE'
        })
        WHERE addonKey = $app AND installedOnSandbox <> 'Yes' AND licenseType NOT IN (
            'OPEN_SOURCE', 'COMMUNITY', 'FREE', 'LEGACY_FREE', 'FOUNDATION_FREE', 'EVALUATION',
            'NET_NEW_EVALUATION', 'UPGRADE_EVALUATION', 'DEMONSTRATION', 'INTERNAL USE')
    ),
    movement AS (
        SELECT start AS day, users AS gained, 0 AS lost FROM license WHERE start < stop
        UNION ALL
        SELECT stop, 0, users FROM license WHERE start < stop
    ),
    week AS (SELECT unnest(range(52)) AS number),
    span AS (
        SELECT date_trunc('week', $today::DATE) - INTERVAL 7 DAY * (52 - number) AS monday FROM week
    )
    SELECT monday::DATE::VARCHAR, coalesce(sum(gained), 0)::BIGINT, coalesce(sum(lost), 0)::BIGINT
    FROM span LEFT JOIN movement ON date_trunc('week', day) = monday
    GROUP BY monday ORDER BY monday
    """,
    {"file": file, "app": app, "today": today},
).fetchall()
print(json.dumps(rows))
