//! The subject of an e-mail as SNS takes it: fewer than 100 characters, all ASCII, no line breaks, and a
//! letter, a digit or punctuation first
//! (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).

const LENGTH_MAX: usize = 99;
const CUT: &str = "...";

/// The subject that says the same.
pub(crate) fn subject(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'æ' => ascii.push_str("ae"),
            'ø' => ascii.push_str("oe"),
            'å' => ascii.push_str("aa"),
            'é' | 'è' | 'ê' => ascii.push('e'),
            'ö' => ascii.push_str("oe"),
            'ä' => ascii.push_str("ae"),
            'Æ' => ascii.push_str("Ae"),
            'Ø' => ascii.push_str("Oe"),
            'Å' => ascii.push_str("Aa"),
            '«' | '»' | '“' | '”' => ascii.push('"'),
            '’' | '‘' => ascii.push('\''),
            '–' | '—' => ascii.push('-'),
            ' '..='~' => ascii.push(character),
            _ if character.is_control() => ascii.push(' '),
            _ => ascii.push('?'),
        }
    }
    let ascii = ascii.trim();
    if ascii.len() <= LENGTH_MAX {
        return ascii.to_owned();
    }
    let kept: String = ascii.chars().take(LENGTH_MAX - CUT.len()).collect();
    format!("{}{CUT}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_short_plain_ascii_on_one_line() {
        assert_eq!(
            subject("Påminnelse: «blåbærsyltetøy»\r\nBcc: x – Ærlig 🎂"),
            "Paaminnelse: \"blaabaersyltetoey\"  Bcc: x - Aerlig ?"
        );
        let long = subject(&"å".repeat(80));
        assert_eq!(long.len(), LENGTH_MAX);
        assert!(long.ends_with("a..."));
        assert_eq!(subject(&"a".repeat(99)), "a".repeat(99));
    }
}
