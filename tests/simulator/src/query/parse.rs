//! `$filter` text to a condition.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::QueryOptions;
use super::expression::{Comparison, Expression, Operand, TextFunction};
use super::token::{Token, tokens};
use crate::refusal::Refusal;
use crate::world::{Decimal, Value};

/// The most conditions a query may have.
const MAX_CONDITIONS: u32 = 500;
/// How deep parentheses may nest: deeper would overflow the parser's own stack.
const MAX_DEPTH: u32 = 100;
const CRM: &str = "Microsoft.Dynamics.CRM.";

/// Parses a filter; `options` holds the parameter aliases it may use.
pub(crate) fn parse_filter(
    text: &str,
    options: &QueryOptions,
) -> Result<Expression<String>, Refusal> {
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter().peekable(),
        text,
        options,
        conditions: 0,
        depth: 0,
    };
    let expression = parser.either()?;
    if parser.tokens.peek().is_some() {
        return Err(parser.syntax_error());
    }
    if parser.conditions > MAX_CONDITIONS {
        return Err(Refusal::new(
            400,
            "0x8004430C",
            format!("Number of conditions in query exceeded maximum limit of {MAX_CONDITIONS}."),
        ));
    }
    Ok(expression)
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    text: &'a str,
    options: &'a QueryOptions,
    conditions: u32,
    depth: u32,
}

impl Parser<'_> {
    fn syntax_error(&self) -> Refusal {
        Refusal::bad_query(format!(
            "Syntax error at position {} in '{}'.",
            self.text.len(),
            self.text
        ))
    }

    fn word_is(&mut self, wanted: &str) -> bool {
        self.tokens
            .next_if(|token| matches!(token, Token::Word(word) if word == wanted))
            .is_some()
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), Refusal> {
        match self.tokens.next_if(|token| token == wanted) {
            Some(_) => Ok(()),
            None => Err(self.syntax_error()),
        }
    }

    fn either(&mut self) -> Result<Expression<String>, Refusal> {
        let mut left = self.both()?;
        while self.word_is("or") {
            left = Expression::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression<String>, Refusal> {
        let mut left = self.single()?;
        while self.word_is("and") {
            left = Expression::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression<String>, Refusal> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(Refusal::bad_query(
                "The node count limit has been exceeded.",
            ));
        }
        let expression = if self.word_is("not") {
            Expression::Not(Box::new(self.single()?))
        } else if self.tokens.next_if_eq(&Token::Open).is_some() {
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.condition()?
        };
        self.depth = self.depth.saturating_sub(1);
        Ok(expression)
    }

    fn condition(&mut self) -> Result<Expression<String>, Refusal> {
        self.conditions = self.conditions.saturating_add(1);
        let first = self.tokens.next().ok_or_else(|| self.syntax_error())?;
        if let Token::Word(name) = &first
            && self.tokens.next_if_eq(&Token::Open).is_some()
        {
            let name = name.clone();
            return self.call(&name);
        }
        let left = self.operand(first)?;
        let comparison = match self.tokens.peek() {
            Some(Token::Word(word)) => match word.as_str() {
                "eq" => Comparison::Equal,
                "ne" => Comparison::NotEqual,
                "gt" => Comparison::Greater,
                "ge" => Comparison::GreaterOrEqual,
                "lt" => Comparison::Less,
                "le" => Comparison::LessOrEqual,
                "and" | "or" => return Ok(Expression::Bare(left)),
                _ => return Err(self.syntax_error()),
            },
            None | Some(Token::Close) => return Ok(Expression::Bare(left)),
            Some(_) => return Err(self.syntax_error()),
        };
        self.tokens.next();
        let right = self.tokens.next().ok_or_else(|| self.syntax_error())?;
        let right = self.operand(right)?;
        Ok(Expression::Compare(left, comparison, right))
    }

    fn call(&mut self, name: &str) -> Result<Expression<String>, Refusal> {
        let function = match name {
            "contains" => TextFunction::Contains,
            "startswith" => TextFunction::StartsWith,
            "endswith" => TextFunction::EndsWith,
            _ => return self.membership(name),
        };
        let left = self.tokens.next().ok_or_else(|| self.syntax_error())?;
        let left = self.operand(left)?;
        self.expect(&Token::Comma)?;
        let right = self.tokens.next().ok_or_else(|| self.syntax_error())?;
        let right = self.operand(right)?;
        self.expect(&Token::Close)?;
        Ok(Expression::Text(function, left, right))
    }

    /// `Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=["a","b"])`.
    fn membership(&mut self, name: &str) -> Result<Expression<String>, Refusal> {
        let negated = match name.strip_prefix(CRM) {
            Some("In") => false,
            Some("NotIn") => true,
            _ => {
                return Err(Refusal::bad_query(format!(
                    "An unknown function with name '{name}' was found. This may also be a \
                     function import or a key lookup on a navigation property, which is not \
                     allowed."
                )));
            }
        };
        let mut property = None;
        let mut values = None;
        loop {
            let Some(Token::Word(parameter)) = self.tokens.next() else {
                return Err(self.syntax_error());
            };
            self.expect(&Token::Equals)?;
            let argument = self.tokens.next().ok_or_else(|| self.syntax_error())?;
            match (parameter.as_str(), self.resolve(argument)?) {
                ("PropertyName", Token::Text(name)) => property = Some(name),
                ("PropertyValues", Token::Array(array)) => values = Some(self.array(&array)?),
                _ => return Err(self.syntax_error()),
            }
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => break,
                _ => return Err(self.syntax_error()),
            }
        }
        match (property, values) {
            (Some(property), Some(values)) => Ok(Expression::In {
                property,
                values,
                negated,
            }),
            _ => Err(self.syntax_error()),
        }
    }

    fn array(&self, text: &str) -> Result<Vec<Value>, Refusal> {
        let values: Vec<serde_json::Value> =
            serde_json::from_str(text).map_err(|_| self.syntax_error())?;
        values
            .into_iter()
            .map(|value| match value {
                serde_json::Value::String(text) => Ok(Value::Text(text.into())),
                serde_json::Value::Number(number) => {
                    literal(&number.to_string()).ok_or_else(|| self.syntax_error())
                }
                serde_json::Value::Bool(flag) => Ok(Value::Boolean(flag)),
                _ => Err(self.syntax_error()),
            })
            .collect()
    }

    /// An alias stands for its value; one without a value is null.
    fn resolve(&self, token: Token) -> Result<Token, Refusal> {
        match &token {
            Token::Word(word) if word.starts_with('@') => {
                let value = self.options.get(word).unwrap_or("null");
                let mut found = tokens(value)?.into_iter();
                match (found.next(), found.next()) {
                    (Some(token), None) => Ok(token),
                    _ => Err(self.syntax_error()),
                }
            }
            _ => Ok(token),
        }
    }

    fn operand(&self, token: Token) -> Result<Operand<String>, Refusal> {
        match self.resolve(token)? {
            Token::Text(text) => Ok(Operand::Literal(Value::Text(text.into()))),
            Token::Word(word) => Ok(match literal(&word) {
                Some(value) => Operand::Literal(value),
                None => Operand::Property(word),
            }),
            _ => Err(self.syntax_error()),
        }
    }
}

/// What a bare word stands for, unless it is a property.
fn literal(word: &str) -> Option<Value> {
    match word {
        "null" => return Some(Value::Null),
        "true" => return Some(Value::Boolean(true)),
        "false" => return Some(Value::Boolean(false)),
        _ => {}
    }
    if word.len() == 36
        && let Ok(id) = Uuid::try_parse(word)
    {
        return Some(Value::Guid(id));
    }
    if !word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') {
        return None;
    }
    if let Ok(number) = word.parse::<i64>() {
        return Some(Value::Integer(number));
    }
    if let Some(number) = Decimal::parse(word) {
        return Some(Value::Decimal(number));
    }
    if word.len() == 10 {
        return word.parse::<Date>().ok().map(Value::Date);
    }
    word.parse::<Timestamp>().ok().map(Value::Moment)
}
