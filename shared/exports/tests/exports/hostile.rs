//! Nothing of an address, a header or a row gets into a header or the log, and no row into another.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;

use crate::support::{World, raw_rows};

/// A mark that nothing has in it by itself.
const MARK: &str = "zqxzq";

/// What the process has logged; one subscriber for all tests, since `tracing` remembers of each line
/// whether anybody listened to it first.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged() -> &'static Logged {
    static LOGGED: OnceLock<Logged> = OnceLock::new();
    LOGGED.get_or_init(|| {
        let logged = Logged::default();
        let writer = logged.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        logged
    })
}

#[tokio::test]
async fn what_an_address_or_a_header_says_gets_into_no_header_and_no_log_line() {
    let logged = logged();
    let world = World::start().await;
    world.sync().await;
    let addresses = [
        "/export/../../zqxzq.csv",
        "/export/zqxzq%0D%0Aset-cookie:%20a=b.csv",
        "/export/members.csv/../zqxzq.csv",
        "/export/members%00zqxzq.csv",
        "/export/%2e%2e%2fzqxzq.csv",
        "/export/zqxzq%22;filename=x.exe.csv",
        "/export/members.csv?fields=zqxzq%0D%0Ax:y",
        "/export/members.csv?delimiter=zqxzq",
        "/export/members.csv?since=zqxzq%0A",
        "/export/members.csv?zqxzq=1",
        "/export/changes.csv?stream=zqxzq%0D%0A",
        "/zqxzq",
    ];
    for address in addresses {
        let headers = [
            ("accept-encoding", "zqxzq;q=zqxzq"),
            ("x-forwarded-for", "zqxzq"),
            ("user-agent", "zqxzq"),
        ];
        let answer = world.get_with(address, &headers).await;
        assert!((400..500).contains(&answer.status), "{address}");
        assert!(!format!("{:?}", answer.headers).contains(MARK), "{address}");
        assert!(!answer.text().contains(['\r', '\n']), "{address}");
    }
    let headers = [("accept-encoding", "zqxzq, *;q=0.1"), ("referer", "zqxzq")];
    let answer = world.get_with("/export/members.csv", &headers).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    let log = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("an export ended"), "{log}");
    assert!(!log.contains(MARK), "{log}");
}

#[tokio::test]
async fn what_a_row_says_stays_in_its_own_cell() {
    let logged = logged();
    let world = World::start().await;
    let hostile = [
        "=cmd|' /C calc'!A0",
        "zqxzq\r\n#INCOMPLETE\r\n\"id\";\"x\"",
        "\";=1+1;\"",
        "@SUM(1)\u{0}zqxzq",
        "-2+3+cmd|' /C calc'!A0",
        "\u{feff}=1+1",
        "'=1+1",
        "+4722334455",
        "0150",
        "Blåbærsyltetøy 😀",
    ];
    let mut ids = Vec::new();
    for text in hostile {
        let row = json!({ "firstname": text, "lastname": "Zqxzq", "description": text });
        let row = row.as_object().unwrap().clone();
        ids.push(world.simulator.create("contacts", row).unwrap().to_string());
    }
    world.sync().await;
    for source in ["dynamics", "copy"] {
        let file = world
            .file(&format!("/export/members.csv?source={source}"))
            .await;
        let found = file.rows();
        for (id, text) in ids.iter().zip(hostile) {
            assert_eq!(found[id]["about"], text, "{source}");
            assert_eq!(found[id]["first_name"], text, "{source}");
        }
        for (id, row) in raw_rows(&file.text()) {
            for cell in row.iter().filter(|cell| !is_telephone(cell)) {
                let runs = cell.starts_with(['=', '@', '+', '-', '\t', '\r', '\n']);
                assert!(!runs, "{id}: {cell}");
            }
        }
        assert!(!format!("{:?}", file.headers).contains(MARK));
    }
    let log = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert!(!log.to_lowercase().contains(MARK), "{log}");
}

/// A telephone number is left alone: no spreadsheet makes more of it than a number.
fn is_telephone(cell: &str) -> bool {
    let digits = cell.strip_prefix('+');
    digits.is_some_and(|digits| {
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b' ')
    })
}
