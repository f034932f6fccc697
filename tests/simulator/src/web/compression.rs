//! Bodies compressed for callers that accept it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Answer, Call};

/// Below this a body goes as it is: the head of a compressed one would outweigh the gain.
const SMALLEST: usize = 1_024;

/// The answer in gzip, if the caller accepts that.
pub(super) fn compress(answer: Answer, call: &Call) -> Answer {
    if answer.body.len() < SMALLEST || !accepted(call.header("accept-encoding")) {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    match encoder
        .write_all(&answer.body)
        .and_then(|()| encoder.finish())
    {
        Ok(body) => answer
            .with_body(body)
            .header("content-encoding", "gzip".to_owned())
            .header("vary", "Accept-Encoding".to_owned()),
        // Writing to a vector cannot fail; whole and uncompressed is right in any case.
        Err(_) => answer,
    }
}

fn accepted(header: Option<&str>) -> bool {
    header.unwrap_or_default().split(',').any(|part| {
        let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
        let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_caller_that_names_gzip_and_wants_it_gets_it() {
        for header in ["gzip", "br, GZIP;q=0.5", "deflate,gzip"] {
            assert!(accepted(Some(header)), "{header}");
        }
        for header in ["", "br", "gzip;q=0", "identity", "xgzip"] {
            assert!(!accepted(Some(header)), "{header}");
        }
        assert!(!accepted(None));
    }
}
