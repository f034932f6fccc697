//! The parameters of a query.

use url::form_urlencoded;

use crate::{Problem, did_you_mean, one_of, shortened};

/// The parameters of a query, in its order; each must be one of `known` and may be there once.
///
/// # Errors
/// A parameter that is not known, with the nearest that is; one that is there twice.
pub fn parameters<const N: usize>(
    query: &str,
    known: [&'static str; N],
) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut parameters: Vec<(&'static str, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(parameter) = known.into_iter().find(|known| *known == name) else {
            let near = did_you_mean(&name, known);
            let (name, known) = (shortened(&name), one_of(known));
            let detail = format!("there is no parameter `{name}`; expected {known}{near}");
            return Err(Problem::malformed(detail));
        };
        if parameters.iter().any(|(seen, _)| *seen == parameter) {
            return Err(Problem::malformed(format!(
                "`{parameter}` is there more than once"
            )));
        }
        parameters.push((parameter, value.into_owned()));
    }
    Ok(parameters)
}
