"""The columns that a count needs, read from both exports by DuckDB: LICENSES TRANSACTIONS"""

import json
import sys

import duckdb

duckdb.execute("SET threads = 2")
IDS = "appEntitlementNumber appEntitlementId licenseId addonLicenseId addonKey addonName lastUpdated"
LISTS = [
    (
        sys.argv[1],
        f"{IDS} hosting licenseType maintenanceStartDate maintenanceEndDate status tier"
        " evaluationOpportunitySize installedOnSandbox",
        {"contactDetails": "STRUCT(company VARCHAR, country VARCHAR)"},
    ),
    (
        sys.argv[2],
        f"{IDS} transactionId transactionLineItemId",
        {
            "purchaseDetails": "STRUCT(saleDate VARCHAR, licenseType VARCHAR, hosting VARCHAR, billingPeriod VARCHAR,"
            " tier VARCHAR, oldTier VARCHAR, saleType VARCHAR, maintenanceStartDate VARCHAR,"
            " maintenanceEndDate VARCHAR, purchasePrice DOUBLE, vendorAmount DOUBLE)",
            "customerDetails": "STRUCT(company VARCHAR, country VARCHAR)",
        },
    ),
]
counts = []
for file, names, structs in LISTS:
    columns = {name: "VARCHAR" for name in names.split()} | structs
    typed = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    # A hash of every column, so that none is skipped.
    hashes = ", ".join(f"bit_xor(hash({name}))" for name in columns)
    row = duckdb.execute(
        f"SELECT count(*), {hashes} FROM read_json(?, format = 'array', columns = {{{typed}}})", [file]
    ).fetchone()
    counts.append(row[0])
print(json.dumps(counts))
