//! From the text of a pattern to its parts, as browsers read it: with the flag `v` of ECMAScript
//! (HTML § 4.10.5.3.6). What that does not know a browser leaves out, and so does this.

use std::{iter::Peekable, str::Chars as Letters};

use super::super::chars::Chars;

/// Groups within groups.
const DEPTH_MAX: u32 = 16;
/// Repetitions that are told apart; no password is longer.
const REPEAT_MAX: u32 = 128;

/// What has a meaning outside of brackets; a backslash takes it away (`SyntaxCharacter`, and the
/// slash).
const SYNTAX: &str = "^$\\.*+?()[]{}|/";
/// What never stands for itself within brackets (`ClassSetSyntaxCharacter`).
const CLASS_SYNTAX: &str = "()[]{}/-\\|";
/// What never stands twice in a row within brackets (`ClassSetReservedDoublePunctuator`).
const CLASS_DOUBLE: &str = "&!#$%*+,.:;<=>?@^`~";
/// What a backslash lets stand for itself within brackets only (`ClassSetReservedPunctuator`).
const CLASS_PUNCTUATION: &str = "&-!#%,:;<=>@`~";

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// One character of these.
    Set(Chars),
    /// One after another.
    Seq(Vec<Node>),
    /// One of these.
    Alt(Vec<Node>),
    /// Again and again; without a greatest number for ever.
    Repeat {
        of: Box<Node>,
        min: u32,
        max: Option<u32>,
    },
    /// A lookahead.
    Look { positive: bool, of: Box<Node> },
    /// `^`.
    Start,
    /// `$`.
    End,
}

/// Reads a pattern; `None` where any of it is not understood.
pub(super) fn parse(text: &str) -> Option<Node> {
    let mut parser = Parser {
        rest: text.chars().peekable(),
        depth: 0,
    };
    let node = parser.alternatives()?;
    parser.rest.next().is_none().then_some(node)
}

struct Parser<'a> {
    rest: Peekable<Letters<'a>>,
    depth: u32,
}

impl Parser<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut all = vec![self.sequence()?];
        while self.eat('|') {
            all.push(self.sequence()?);
        }
        if all.len() == 1 {
            all.pop()
        } else {
            Some(Node::Alt(all))
        }
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(&c) = self.rest.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom()?;
            parts.push(self.repeated(atom)?);
        }
        Some(Node::Seq(parts))
    }

    fn atom(&mut self) -> Option<Node> {
        match self.rest.next()? {
            '(' => self.group(),
            '[' => self.class().map(Node::Set),
            '.' => Some(Node::Set(Chars::LINE_END.not())),
            '^' => Some(Node::Start),
            '$' => Some(Node::End),
            '\\' => self.escape().map(Node::Set),
            '*' | '+' | '?' | '{' | '}' | ']' => None,
            c => Some(Node::Set(Chars::one(c))),
        }
    }

    fn group(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut look = None;
        if self.eat('?') {
            match self.rest.next()? {
                ':' => {}
                '=' => look = Some(true),
                '!' => look = Some(false),
                '<' => {
                    // A name; a lookbehind is none.
                    let mut letters = 0;
                    while self
                        .rest
                        .next_if(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .is_some()
                    {
                        letters += 1;
                    }
                    if letters == 0 || !self.eat('>') {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        let inner = self.alternatives()?;
        self.depth -= 1;
        if !self.eat(')') {
            return None;
        }
        Some(match look {
            Some(positive) => Node::Look {
                positive,
                of: Box::new(inner),
            },
            None => inner,
        })
    }

    /// What stands behind an atom.
    fn repeated(&mut self, atom: Node) -> Option<Node> {
        let (min, max) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.rest.next();
                let bounds = self.bounds()?;
                if self.rest.peek() != Some(&'}') {
                    return None;
                }
                bounds
            }
            _ => return Some(atom),
        };
        self.rest.next();
        // Lazy or not, the same texts fit.
        self.eat('?');
        if matches!(self.rest.peek(), Some('*' | '+' | '?' | '{'))
            || matches!(atom, Node::Start | Node::End | Node::Look { .. })
            || max.is_some_and(|max| max < min)
        {
            return None;
        }
        Some(Node::Repeat {
            of: Box::new(atom),
            // One more than any password has: nothing fits.
            min: min.min(REPEAT_MAX + 1),
            max: max.filter(|max| *max <= REPEAT_MAX),
        })
    }

    fn bounds(&mut self) -> Option<(u32, Option<u32>)> {
        let min = self.number()?;
        if !self.eat(',') {
            return Some((min, Some(min)));
        }
        if self.rest.peek() == Some(&'}') {
            return Some((min, None));
        }
        Some((min, Some(self.number()?)))
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(c) = self.rest.next_if(char::is_ascii_digit) {
            let digit = c.to_digit(10)?;
            number = Some(
                number
                    .unwrap_or(0_u32)
                    .saturating_mul(10)
                    .saturating_add(digit),
            );
        }
        number
    }

    /// What stands between brackets, the first of which is read.
    fn class(&mut self) -> Option<Chars> {
        let negated = self.eat('^');
        let mut all = Chars::EMPTY;
        while !self.eat(']') {
            let (first, set) = self.class_member()?;
            if !self.eat('-') {
                all = all.or(set);
                continue;
            }
            let (first, last) = (first?, self.class_member()?.0?);
            if last < first {
                return None;
            }
            all = all.or(Chars::range(first, last));
        }
        Some(if negated { all.not() } else { all })
    }

    /// What stands for something within brackets: the one character that it is, where it is one,
    /// and all of them. A class in a class is not spoken here.
    fn class_member(&mut self) -> Option<(Option<char>, Chars)> {
        let c = self.rest.next()?;
        if c != '\\' {
            let double = CLASS_DOUBLE.contains(c) && self.rest.peek() == Some(&c);
            return (!double && !CLASS_SYNTAX.contains(c)).then_some((Some(c), Chars::one(c)));
        }
        let literal = self.rest.next_if(|c| CLASS_PUNCTUATION.contains(*c));
        let set = if let Some(c) = literal {
            Chars::one(c)
        } else if self.eat('b') {
            Chars::one('\x08')
        } else {
            self.escape()?
        };
        let mut members = set.iter();
        let first = members.next();
        let one = if members.next().is_none() {
            first
        } else {
            None
        };
        Some((one, set))
    }

    /// What a backslash makes of the next letter.
    fn escape(&mut self) -> Option<Chars> {
        Some(match self.rest.next()? {
            'd' => Chars::DIGIT,
            'D' => Chars::DIGIT.not(),
            'w' => Chars::WORD,
            'W' => Chars::WORD.not(),
            's' => Chars::SPACE,
            'S' => Chars::SPACE.not(),
            't' => Chars::one('\t'),
            'n' => Chars::one('\n'),
            'r' => Chars::one('\r'),
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            c if SYNTAX.contains(c) => Chars::one(c),
            // A border of words, an earlier group, a property of Unicode.
            _ => return None,
        })
    }

    fn hex(&mut self, digits: u32) -> Option<Chars> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + self.rest.next()?.to_digit(16)?;
        }
        Some(Chars::one(char::from_u32(number)?))
    }
}
