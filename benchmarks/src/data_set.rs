//! The exports of the sample vendor as files, as a client receives them.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::Path,
    thread,
    time::Duration,
};

use chrono::NaiveDate;
use marketplace_sim::{Data, Options, Sim};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::Failure;

const BOUNDARIES: &str = "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=fedramp_moderate&cloudComplianceBoundaries=isolated_cloud";

/// Writes `licenses.json`, `transactions.json` and `licenses.ndjson` below `directory`.
pub(crate) fn write(licenses: u32, today: NaiveDate, directory: &Path) -> Result<Value, Failure> {
    fs::create_dir_all(directory)?;
    // Only the first call of a process can install it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().timeout(None).build()?;
    let sim = Sim::start(Options::new().data(Data::sample(licenses, 1)).today(today))?;
    let lists = [
        (
            "licenses",
            "licenses",
            "&withDataInsights=true&startDate=2018-07-01",
        ),
        (
            "sales/transactions",
            "transactions",
            "&includeManualInvoice=true",
        ),
    ];
    let mut sizes = json!({});
    for (list, name, query) in lists {
        let root = format!(
            "{}/rest/3/reporting/developer-space/{}/{list}/async/export",
            sim.base_url(),
            sim.developer_id()
        );
        let mut file = BufWriter::new(File::create(directory.join(format!("{name}.json")))?);
        let mut body = export(&client, &root, &format!("{BOUNDARIES}{query}"))?;
        io::copy(&mut body, &mut file)?;
        file.flush()?;
        sizes[name] = json!(file.get_ref().metadata()?.len());
    }
    write_lines(
        File::open(directory.join("licenses.json"))?,
        File::create(directory.join("licenses.ndjson"))?,
    )?;
    Ok(sizes)
}

fn export(client: &Client, root: &str, query: &str) -> Result<Response, Failure> {
    let account =
        |request: RequestBuilder| request.basic_auth(Options::EMAIL, Some(Options::TOKEN));
    let started = account(client.post(format!("{root}?accept=json&{query}"))).send()?;
    let started: Value = serde_json::from_str(&started.text()?)?;
    let id = started["export"]["id"]
        .as_str()
        .ok_or("the export has no id")?;
    loop {
        let status = account(client.get(format!("{root}/{id}/status"))).send()?;
        let status: Value = serde_json::from_str(&status.text()?)?;
        match status["export"]["status"].as_str() {
            Some("COMPLETED") => break,
            Some("QUEUED" | "IN_PROGRESS") => thread::sleep(Duration::from_millis(20)),
            other => return Err(format!("the export is {other:?}").into()),
        }
    }
    Ok(account(client.get(format!("{root}/{id}")))
        .send()?
        .error_for_status()?)
}

/// Writes the objects of a JSON array, one a line.
fn write_lines(mut from: impl Read, to: impl Write) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    let mut buffer = vec![0; 256 * 1024];
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return to.flush();
        }
        for byte in &buffer[..count] {
            let is_inside = depth > 1 || (depth == 1 && *byte == b'{');
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => depth -= 1,
                _ => {}
            }
            if is_inside {
                to.write_all(&[*byte])?;
            }
            if depth == 1 && *byte == b'}' && !in_text {
                to.write_all(b"\n")?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_of_an_array_becomes_a_line() {
        let array = r#"[{"a":"}],{\"","b":[{"c":1},[2]]},{"d":{}}]"#;
        let mut lines = Vec::new();
        write_lines(array.as_bytes(), &mut lines).unwrap();
        let expected = "{\"a\":\"}],{\\\"\",\"b\":[{\"c\":1},[2]]}\n{\"d\":{}}\n";
        assert_eq!(String::from_utf8(lines).unwrap(), expected);
    }
}
