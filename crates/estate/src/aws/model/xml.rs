//! An XML document as a tree, no deeper than answers of AWS are.

use super::error::Malformed;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// As deep as the SDK's readers go.
const DEEPEST: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without a namespace's prefix.
    pub(super) name: String,
    /// Under the names as they stand, with a prefix.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn open(start: &BytesStart<'_>) -> Result<Element, Malformed> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| broken(&error))?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| broken(&error))?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() })
    }
}

fn broken(error: &dyn std::fmt::Display) -> Malformed {
    Malformed::new(format!("XML that does not parse: {error}"))
}

/// The root element of a document.
pub(super) fn parse(body: &[u8]) -> Result<Element, Malformed> {
    let text = std::str::from_utf8(body).map_err(|error| broken(&error))?;
    let mut reader = Reader::from_str(text);
    // The elements that are open; what is at the bottom holds the root when all are closed.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|error| broken(&error))? {
            Event::Start(start) => {
                if open.len() > DEEPEST {
                    return Err(broken(&"it is too deep"));
                }
                open.push(Element::open(&start)?);
            }
            Event::Empty(start) => add(&mut open, Element::open(&start)?)?,
            Event::End(_) => {
                let closed = open.pop().ok_or_else(|| broken(&"an end tag too many"))?;
                add(&mut open, closed)?;
            }
            Event::Text(text) => say(&mut open, &text.xml10_content())?,
            Event::CData(text) => say(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().map_err(|error| broken(&error))? {
                    Some(character) => character.to_string(),
                    None => {
                        let name = reference.xml10_content();
                        let known = quick_xml::escape::resolve_xml_entity(&name);
                        known.ok_or_else(|| broken(&format!("there is no entity {name}")))?.to_owned()
                    }
                };
                say(&mut open, &resolved)?;
            }
            Event::DocType(_) => return Err(broken(&"a document type")),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    let whole = open.pop().filter(|_| open.is_empty()).ok_or_else(|| broken(&"it ends inside an element"))?;
    let mut roots = whole.children.into_iter();
    match (roots.next(), roots.next(), whole.text.trim()) {
        (Some(root), None, "") => Ok(root),
        _ => Err(broken(&"it has not one root element")),
    }
}

fn add(open: &mut [Element], child: Element) -> Result<(), Malformed> {
    open.last_mut().ok_or_else(|| broken(&"an end tag too many"))?.children.push(child);
    Ok(())
}

fn say(open: &mut [Element], text: &str) -> Result<(), Malformed> {
    open.last_mut().ok_or_else(|| broken(&"an end tag too many"))?.text.push_str(text);
    Ok(())
}
