//! How long a text is in GSM 03.38's basic alphabet, in which an SMS of 160 septets is one segment; one
//! character outside of it and a segment holds 70.
//! <https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-character.html>

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// These take an escape as well.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The septets of a text; `None` if a character is not in the alphabet.
pub(crate) fn septets(text: &str) -> Option<usize> {
    let mut septets = 0;
    for character in text.chars() {
        septets += match (BASIC.contains(character), EXTENSION.contains(character)) {
            (true, _) => 1,
            (_, true) => 2,
            _ => return None,
        };
    }
    Some(septets)
}

#[test]
fn norwegian_letters_count_once_and_brackets_twice() {
    assert_eq!(BASIC.chars().count(), 127);
    assert_eq!(septets("ÆØÅæøå"), Some(6));
    assert_eq!(septets("[€]"), Some(6));
    assert_eq!(septets("«"), None);
}
