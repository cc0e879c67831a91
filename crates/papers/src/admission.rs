//! What may be printed: checked once over the whole data of a paper, before a template sees it.

use serde_json::Value;

use crate::PaperError;

/// Characters of one text. The longest name in a Kazakh identity document is far below.
const TEXT_MAX: usize = 500;
/// Rows of one list: a schedule of fifty years by the month.
const ROWS_MAX: usize = 600;

/// Every text filled, short, visible and printable; every list short.
pub(crate) fn check(data: &Value, has_glyph: &dyn Fn(char) -> bool) -> Result<(), PaperError> {
    walk(data, &mut String::new(), has_glyph)
}

fn walk(value: &Value, path: &mut String, has_glyph: &dyn Fn(char) -> bool) -> Result<(), PaperError> {
    match value {
        Value::String(text) => check_text(text, path, has_glyph),
        Value::Array(rows) if rows.len() > ROWS_MAX => Err(PaperError::TooManyRows { field: path.clone() }),
        Value::Array(rows) => rows.iter().try_for_each(|row| walk(row, path, has_glyph)),
        Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
            let before = path.len();
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            walk(field, path, has_glyph)?;
            path.truncate(before);
            Ok(())
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(text: &str, path: &str, has_glyph: &dyn Fn(char) -> bool) -> Result<(), PaperError> {
    let field = || path.to_owned();
    if text.trim().is_empty() {
        Err(PaperError::Empty { field: field() })
    } else if text.chars().nth(TEXT_MAX).is_some() {
        Err(PaperError::TooLong { field: field() })
    } else if text.chars().any(|char| is_treacherous(char) || !has_glyph(char)) {
        Err(PaperError::Unprintable { field: field() })
    } else {
        Ok(())
    }
}

/// Characters that make a text look different from what it is: controls, directions, zero widths.
fn is_treacherous(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
