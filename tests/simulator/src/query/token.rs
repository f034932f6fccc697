//! The words of a `$filter`.

use crate::refusal::Refusal;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Open,
    Close,
    Comma,
    Equals,
    /// A name, a number, a date, a GUID, `true`, `@alias`: whatever stands bare.
    Word(String),
    /// A quoted text, with what stood right before the quote (an enum's type name).
    Text(String),
    /// A JSON array.
    Array(String),
}

/// Takes a filter apart.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut letters = text.char_indices().peekable();
    let mut found = Vec::new();
    while let Some((position, letter)) = letters.next() {
        match letter {
            _ if letter.is_whitespace() => {}
            '(' => found.push(Token::Open),
            ')' => found.push(Token::Close),
            ',' => found.push(Token::Comma),
            '=' => found.push(Token::Equals),
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match letters.next() {
                        None => {
                            return Err(Refusal::bad_query(format!(
                                "There is an unterminated literal at position {position} in \
                                 '{text}'."
                            )));
                        }
                        Some((_, '\'')) if letters.next_if(|(_, next)| *next == '\'').is_some() => {
                            quoted.push('\'');
                        }
                        Some((_, '\'')) => break,
                        Some((_, other)) => quoted.push(other),
                    }
                }
                // `Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'` is the text after the type.
                if matches!(found.last(), Some(Token::Word(word)) if word.contains('.')
                    && text.get(..position).is_some_and(|before| before.ends_with(word)))
                {
                    found.pop();
                }
                found.push(Token::Text(quoted));
            }
            '[' => {
                let rest = text.get(position..).unwrap_or_default();
                let mut values =
                    serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
                values.next().and_then(Result::ok).ok_or_else(|| {
                    Refusal::bad_query(format!("Invalid JSON array at position {position}."))
                })?;
                let end = position.saturating_add(values.byte_offset());
                found.push(Token::Array(
                    text.get(position..end).unwrap_or_default().to_owned(),
                ));
                while letters.next_if(|(next, _)| *next < end).is_some() {}
            }
            _ => {
                let mut word = String::from(letter);
                while let Some((_, next)) = letters.next_if(|(_, next)| {
                    !next.is_whitespace() && !matches!(next, '(' | ')' | ',' | '=' | '\'' | '[')
                }) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
        }
    }
    Ok(found)
}
