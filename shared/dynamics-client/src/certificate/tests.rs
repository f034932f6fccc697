use super::*;

const FIRST: &str = include_str!("../../../../tests/simulator/certificates/first.pem");
const SECOND: &str = include_str!("../../../../tests/simulator/certificates/second.pem");
const RENEWED: &str = include_str!("../../tests/certificates/first-renewed.crt.pem");
const PKCS1: &str = include_str!("../../tests/certificates/first-pkcs1.key.pem");
const ENCRYPTED: &str = include_str!("../../tests/certificates/first-encrypted.key.pem");
const ENCRYPTED_PKCS1: &str =
    include_str!("../../tests/certificates/first-encrypted-pkcs1.key.pem");
const SHORT: &str = include_str!("../../tests/certificates/short.pem");
const CURVE: &str = include_str!("../../tests/certificates/curve.pem");
const CURVE_SEC1: &str = include_str!("../../tests/certificates/curve-sec1.key.pem");

/// A file's key and its certificate.
fn parts(pem: &str) -> (&str, &str) {
    pem.split_at(pem.find("-----BEGIN CERTIFICATE").unwrap())
}

fn not_after(pem: &str) -> String {
    let certificate = Certificate::from_pem(pem).unwrap();
    certificate.not_after().to_string()
}

fn refused(pem: &str) -> String {
    Certificate::from_pem(pem).unwrap_err().to_string()
}

#[test]
fn a_certificate_is_read_in_any_order_with_any_line_breaks_and_either_form_of_key() {
    let (key, certificate) = parts(FIRST);
    let indented = FIRST.replace('\n', "\r\n    ");
    for pem in [
        FIRST,
        &format!("{certificate}{key}"),
        &format!("{PKCS1}{certificate}"),
        &format!("Bag Attributes\n    localKeyID: 01\n{FIRST}\n"),
        &FIRST.replace('\n', "\\n"),
        &FIRST.replace('\n', "\\r\\n"),
        &indented,
    ] {
        assert_eq!(not_after(pem), "2126-01-01T00:00:00Z", "{pem}");
    }
    // OpenSSL says the same: openssl x509 -outform DER | openssl dgst -sha256 -binary | basenc --base64url
    let thumbprint = Certificate::from_pem(FIRST).unwrap();
    assert_eq!(
        thumbprint.thumbprint(),
        "eOyUu7Xs3sRK5EBm7-2STqsIkbNVzgiFFk8bAwWMSUA"
    );
}

#[test]
fn of_a_chain_the_certificate_is_used_that_the_key_belongs_to() {
    let (key, certificate) = parts(FIRST);
    let (_, other) = parts(SECOND);
    let (_, authority) = parts(CURVE);
    for chain in [
        [certificate, other, authority],
        [authority, other, certificate],
    ] {
        let chain = Certificate::from_pem(&format!("{key}{}", chain.concat())).unwrap();
        let alone = Certificate::from_pem(FIRST).unwrap();
        assert_eq!(chain.thumbprint(), alone.thumbprint());
    }
    assert_eq!(
        not_after(&format!("{FIRST}{RENEWED}")),
        "2127-01-01T00:00:00Z",
        "the one that lasts longest"
    );
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_with_what_to_do() {
    let (key, certificate) = parts(FIRST);
    let (second_key, _) = parts(SECOND);
    let (_, on_a_curve) = parts(CURVE);
    let one_line = FIRST.replace('\n', " ");
    let not_a_key =
        format!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{certificate}");
    let not_a_certificate =
        format!("{key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let cases = [
        ("", "is not PEM; expected the certificate"),
        ("MIIDBTCCAe2gAwIBAgIQ", "is not PEM"),
        (
            &one_line,
            "has a block that is damaged; store the file as it is, with its line breaks",
        ),
        (&FIRST[..FIRST.len() - 40], "has a block that is damaged"),
        (
            key,
            "holds no certificate; add the -----BEGIN CERTIFICATE----- block",
        ),
        (
            certificate,
            "holds no private key; add the -----BEGIN PRIVATE KEY----- block",
        ),
        (
            &format!("{ENCRYPTED}{certificate}"),
            "has a private key with a password; store it without",
        ),
        (
            &format!("{ENCRYPTED_PKCS1}{certificate}"),
            "has a private key with a password",
        ),
        (
            &format!("{FIRST}{second_key}"),
            "holds more than one private key; keep only",
        ),
        (
            CURVE,
            "has a key that is not RSA; make a certificate with an RSA key",
        ),
        (
            &format!("{CURVE_SEC1}{on_a_curve}"),
            "has a key that is not RSA",
        ),
        (
            SHORT,
            "has an RSA key that is too short; make a certificate with one of 2048 bits",
        ),
        (
            &not_a_key,
            "has a private key that cannot be read as an RSA key; export it again",
        ),
        (
            &not_a_certificate,
            "has a certificate that cannot be read; export it again",
        ),
        (
            &format!("{second_key}{certificate}"),
            "has a private key that belongs to none of its",
        ),
        (
            &format!("{key}{on_a_curve}"),
            "has a private key that belongs to none of its",
        ),
    ];
    for (pem, expected) in cases {
        let said = refused(pem);
        assert!(said.starts_with(expected), "{said}\nfor {pem}");
    }
}

#[test]
fn a_certificate_is_good_from_its_first_second_to_before_its_last() {
    let certificate = Certificate::from_pem(FIRST).unwrap();
    let said = |now: &str| {
        let problem = certificate.insist_on_validity(now.parse().unwrap());
        problem.err().and_then(|problem| problem.why)
    };
    assert_eq!(
        said("2019-12-31T23:59:59Z").unwrap(),
        "the certificate is not valid before 2020-01-01T00:00:00Z, and it is 2019-12-31T23:59:59Z"
    );
    assert_eq!(said("2020-01-01T00:00:00Z"), None);
    assert_eq!(said("2125-12-31T23:59:59Z"), None);
    assert_eq!(
        said("2126-01-01T00:00:00Z").unwrap(),
        "the certificate expired at 2126-01-01T00:00:00Z"
    );
}

#[test]
fn a_debug_print_shows_what_is_public_and_nothing_of_the_key() {
    let certificate = Certificate::from_pem(FIRST).unwrap();
    let shown = format!("{certificate:?}");
    assert!(shown.contains("2126-01-01"), "{shown}");
    let (key, _) = parts(FIRST);
    for line in key.lines() {
        assert!(!shown.contains(line), "{shown}");
    }
    assert!(shown.len() < 150, "{shown}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_a_certificate_panic(text: String) {
        let _ = Certificate::from_pem(&text);
    }

    #[test]
    fn no_change_of_a_byte_makes_reading_a_certificate_panic(at in 0..2_700_usize, byte in 32..127_u8) {
        let mut pem = FIRST.as_bytes().to_vec();
        pem[at] = byte;
        let _ = Certificate::from_pem(std::str::from_utf8(&pem).unwrap());
    }
}
