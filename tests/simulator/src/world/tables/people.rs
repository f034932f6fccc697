//! Parts of a person that several tables share. They come from row draws, so that a row's names,
//! gender and e-mail address agree.

use super::names::{FAMILIES, MEN, PLACES, STREETS, WOMEN};
use crate::world::cell::Cell;
use crate::world::value::Value;

const GENDER_DRAW: u64 = 1;
const FIRST_DRAW: u64 = 2;
const FAMILY_DRAW: u64 = 3;
const PLACE_DRAW: u64 = 4;

/// Whether the person counts as a woman here.
pub(super) fn woman(cell: &Cell<'_>) -> bool {
    cell.row_draw(GENDER_DRAW, 2) == 0
}

pub(super) fn first_name(cell: &Cell<'_>) -> &'static str {
    let names = if woman(cell) { WOMEN } else { MEN };
    cell.row_pick(FIRST_DRAW, names)
}

pub(super) fn family_name(cell: &Cell<'_>) -> &'static str {
    cell.row_pick(FAMILY_DRAW, FAMILIES)
}

pub(super) fn full_name(cell: &Cell<'_>) -> Value {
    Value::Text(format!("{} {}", first_name(cell), family_name(cell)).into())
}

/// `ase.odegard.17@example.no`: unique by the row's number.
pub(super) fn email(cell: &Cell<'_>, domain: &str) -> Value {
    let mut address = String::with_capacity(48);
    push_plain(&mut address, first_name(cell));
    address.push('.');
    push_plain(&mut address, family_name(cell));
    Value::Text(format!("{address}.{}@{domain}", cell.index).into())
}

/// A Norwegian number; `digit` starts it (4 and 9 are mobile).
pub(super) fn phone(cell: &Cell<'_>, digit: u64) -> Value {
    let number = cell.draw(7, 10_000_000);
    Value::Text(format!("+47{digit}{number:07}").into())
}

pub(super) fn street(cell: &Cell<'_>) -> Value {
    let street = cell.pick(1, STREETS);
    Value::Text(format!("{street} {}", 1 + cell.draw(2, 180)).into())
}

pub(super) fn postal_code(cell: &Cell<'_>) -> Value {
    Value::Text(place(cell).0.into())
}

pub(super) fn city(cell: &Cell<'_>) -> Value {
    Value::Text(place(cell).1.into())
}

fn place(cell: &Cell<'_>) -> (&'static str, &'static str) {
    let count = u64::try_from(PLACES.len()).unwrap_or(1);
    usize::try_from(cell.row_draw(PLACE_DRAW, count))
        .ok()
        .and_then(|place| PLACES.get(place))
        .copied()
        .unwrap_or_default()
}

fn push_plain(address: &mut String, name: &str) {
    for letter in name.chars() {
        match letter {
            'A'..='Z' => address.push(letter.to_ascii_lowercase()),
            'a'..='z' => address.push(letter),
            'å' | 'Å' | 'æ' | 'Æ' | 'ä' | 'ả' | 'á' | 'Á' => address.push('a'),
            'ø' | 'Ø' | 'ö' => address.push('o'),
            _ => {}
        }
    }
}
