//! What gzip packed: user data of an instance may come so. Only reading, and only as much as user data can sensibly hold.
//! <https://www.rfc-editor.org/rfc/rfc1951> and <https://www.rfc-editor.org/rfc/rfc1952>

/// The most that is unpacked. User data has 16 KiB, so that anything larger is made to be large.
const MOST: usize = 4 << 20;

/// How gzip begins.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The contents of a gzip file; `None` where it is cut, broken or absurdly large. Its checksum is not looked at.
pub fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if !is_gzip(bytes) {
        return None;
    }
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    inflate(bytes.get(at..)?)
}

/// The bits of a stream, lowest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<usize> {
        let mut value = 0;
        for bit in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value |= usize::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    /// The next symbol of a code.
    fn symbol(&mut self, code: &Code) -> Option<usize> {
        let (mut value, mut first, mut index) = (0, 0, 0);
        for count in &code.counts[1..] {
            value |= self.take(1)?;
            if value < first + count {
                return code.symbols.get(index + value - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        None
    }
}

/// A Huffman code: how many symbols there are of each length, and the symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn of(lengths: &[usize]) -> Code {
        let mut counts = [0; 16];
        for length in lengths {
            counts[*length & 15] += 1;
        }
        counts[0] = 0;
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|symbol| lengths[*symbol] > 0).collect();
        symbols.sort_by_key(|symbol| lengths[*symbol]);
        Code { counts, symbols }
    }
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits { bytes, at: 0 };
    let mut out = Vec::new();
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => {
                let lengths: Vec<usize> = (0..288)
                    .map(|symbol| match symbol {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    })
                    .collect();
                packed(&mut bits, &mut out, &Code::of(&lengths), &Code::of(&[5; 30]))?;
            }
            2 => {
                let (literals, distances) = codes(&mut bits)?;
                packed(&mut bits, &mut out, &literals, &distances)?;
            }
            _ => return None,
        }
        if last {
            return Some(out);
        }
    }
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Option<()> {
    let start = bits.at.div_ceil(8);
    let length = usize::from(u16::from_le_bytes([*bits.bytes.get(start)?, *bits.bytes.get(start + 1)?]));
    out.extend(bits.bytes.get(start + 4..start + 4 + length)?);
    bits.at = (start + 4 + length) * 8;
    (out.len() <= MOST).then_some(())
}

/// The codes of a block that brings its own.
fn codes(bits: &mut Bits<'_>) -> Option<(Code, Code)> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, lengths) = (bits.take(5)? + 257, bits.take(5)? + 1, bits.take(4)? + 4);
    let mut of_lengths = [0; 19];
    for place in &ORDER[..lengths] {
        of_lengths[*place] = bits.take(3)?;
    }
    let code = Code::of(&of_lengths);
    let mut all: Vec<usize> = Vec::new();
    while all.len() < literals + distances {
        let (value, times) = match bits.symbol(&code)? {
            16 => (*all.last()?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length, 1),
        };
        all.extend(std::iter::repeat_n(value, times));
    }
    (all.len() == literals + distances).then(|| (Code::of(&all[..literals]), Code::of(&all[literals..])))
}

fn packed(bits: &mut Bits<'_>, out: &mut Vec<u8>, literals: &Code, distances: &Code) -> Option<()> {
    loop {
        match bits.symbol(literals)? {
            literal @ 0..=255 => out.push(u8::try_from(literal).ok()?),
            256 => return Some(()),
            symbol => {
                let length = match symbol - 257 {
                    short @ 0..=7 => short + 3,
                    28 => 258,
                    code @ 8..=27 => {
                        let extra = code / 4 - 1;
                        ((4 + code % 4) << extra) + 3 + bits.take(extra)?
                    }
                    _ => return None,
                };
                let distance = match bits.symbol(distances)? {
                    near @ 0..=3 => near + 1,
                    code @ 4..=29 => {
                        let extra = code / 2 - 1;
                        ((2 + code % 2) << extra) + 1 + bits.take(extra)?
                    }
                    _ => return None,
                };
                let from = out.len().checked_sub(distance)?;
                (0..length).for_each(|step| out.push(out[from + step]));
            }
        }
        if out.len() > MOST {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
    }

    #[test]
    fn all_three_kinds_of_blocks_are_read() {
        let plain = "#!/bin/sh\necho hello hello hello\n";
        for packed in [STORED, FIXED] {
            assert_eq!(gunzip(&bytes(packed)).as_deref(), Some(plain.as_bytes()));
        }
        let long: String = (0..40).map(|line| format!("export NAME_{line}=value {}\n", line * 7919)).collect();
        assert_eq!(gunzip(&bytes(DYNAMIC)), Some(long.into_bytes()));
    }

    #[test]
    fn what_is_cut_or_no_gzip_is_nothing() {
        let whole = bytes(FIXED);
        for end in 0..whole.len() - 8 {
            assert_eq!(gunzip(&whole[..end]), None, "{end}");
        }
        assert_eq!(gunzip(b"#!/bin/sh"), None);
    }

    const STORED: &str = "1f8b08000000000000ff012100deff23212f62696e2f73680a6563686f2068656c6c6f2068656c6c6f2068656c6c6f0a2791179a21000000";
    const FIXED: &str = "1f8b08080000000000ff6e616d65005356d44fcaccd32fcee04a4dcec857c848cdc94121b9002791179a21000000";
    const DYNAMIC: &str = concat!(
        "1f8b08000000000000ff5dd3314e83310c86e1bda7e811eccf766c0f0c0c8c7005c4d00d098400717c3afc8efa75cd3b447ee25cfe3e3f",
        "bebecf2f8fcf4faff2f0fbf6fe7339cbe97273aac769b636051c41a3aca8d851601949c58f62ba725189291d1d54d6513c439d4a1e25c2",
        "cda8d4519659804acf388a541e546e26bd3318844a1556d061e81030838e830ada19424742556a3185c66e95c5183a1a8a95c21c3a1e6a",
        "bec0203a22ea086712edfd92e28b5120b7afcc2a18155d0b7db71c7b3bd2a1ec82ed525063176c97160976c176e9ec64178c0b24aad905",
        "e372bdad945d302e80a6b10b7ab75ec12e26b73bce2e362ef0f062171b1784b9dc7d9bfd6f961ad8c57cb786b38b8d0b3275b18b6d970a",
        "2976b1edd226c22e362ed7d26017ebddaa5c4fff244e528244040000",
    );
}
