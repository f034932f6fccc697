//! A parsed `$filter`. `P` is what a property is: its name, or its place in a row once bound.

use crate::world::Value;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression<P> {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Operand<P>, Comparison, Operand<P>),
    Text(TextFunction, Operand<P>, Operand<P>),
    In {
        property: P,
        values: Vec<Value>,
        negated: bool,
    },
    /// A bare operand, which must be yes or no.
    Bare(Operand<P>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand<P> {
    Property(P),
    Literal(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    /// The operator's name in the service's messages.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
            Self::Greater => "GreaterThan",
            Self::GreaterOrEqual => "GreaterThanOrEqual",
            Self::Less => "LessThan",
            Self::LessOrEqual => "LessThanOrEqual",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFunction {
    Contains,
    StartsWith,
    EndsWith,
}

impl<P> Expression<P> {
    /// Replaces every property by what `bind` makes of it.
    pub(crate) fn bind<Q, E>(
        self,
        bind: &mut impl FnMut(P) -> Result<Q, E>,
    ) -> Result<Expression<Q>, E> {
        Ok(match self {
            Self::And(left, right) => {
                Expression::And(Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Self::Or(left, right) => {
                Expression::Or(Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Self::Not(inner) => Expression::Not(Box::new(inner.bind(bind)?)),
            Self::Compare(left, comparison, right) => {
                Expression::Compare(left.bind(bind)?, comparison, right.bind(bind)?)
            }
            Self::Text(function, left, right) => {
                Expression::Text(function, left.bind(bind)?, right.bind(bind)?)
            }
            Self::In {
                property,
                values,
                negated,
            } => Expression::In {
                property: bind(property)?,
                values,
                negated,
            },
            Self::Bare(operand) => Expression::Bare(operand.bind(bind)?),
        })
    }

    /// Calls `check` with both sides of every comparison.
    pub(crate) fn check<E>(
        &self,
        check: &mut impl FnMut(&Operand<P>, Comparison, &Operand<P>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.check(check)?;
                right.check(check)
            }
            Self::Not(inner) => inner.check(check),
            Self::Compare(left, comparison, right) => check(left, *comparison, right),
            Self::Text(..) | Self::In { .. } | Self::Bare(_) => Ok(()),
        }
    }
}

impl<P> Operand<P> {
    fn bind<Q, E>(self, bind: &mut impl FnMut(P) -> Result<Q, E>) -> Result<Operand<Q>, E> {
        Ok(match self {
            Self::Property(property) => Operand::Property(bind(property)?),
            Self::Literal(value) => Operand::Literal(value),
        })
    }
}
