//! Bodies that are compressed: DEFLATE (RFC 1951), without a header.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::error::DecodeError;

/// How many times its own length a compressed body may have: what claims to be more is refused,
/// and not written.
const MAX_RATIO: usize = 256;

/// Up to how many bytes a body is compressed as well as is usual. What is longer takes half the time
/// at the level that is used then, and some 4% more bytes.
const SHORT: usize = 16 << 10;
const LONG_LEVEL: u32 = 3;

/// How much a buffer grows by at least.
const STEP: usize = 4 << 10;

/// Compresses a body; `None` if it would be refused.
pub(super) fn deflate(body: &[u8]) -> Option<Vec<u8>> {
    let is_short = body.len() <= SHORT;
    let level = if is_short { Compression::default() } else { Compression::new(LONG_LEVEL) };
    let mut stream = Compress::new(level, false);
    let mut compressed = Vec::with_capacity(body.len() / 2 + STEP);
    loop {
        let rest = body.get(stream.total_in() as usize..)?;
        match stream.compress_vec(rest, &mut compressed, FlushCompress::Finish).ok()? {
            Status::StreamEnd => break,
            Status::Ok | Status::BufError => compressed.reserve(STEP),
        }
    }
    (body.len() <= MAX_RATIO.saturating_mul(compressed.len())).then_some(compressed)
}

/// Decompresses the body at the offset, which may have so many bytes. Allocates in proportion to
/// the bytes that are there, and to those that come of them.
pub(super) fn inflate(
    compressed: &[u8],
    max_bytes: usize,
    offset: usize,
) -> Result<Vec<u8>, DecodeError> {
    let max_bytes = max_bytes.min(MAX_RATIO.saturating_mul(compressed.len()));
    let misfit = || DecodeError::Unexpected { offset, expected: "a compressed body" };
    let mut stream = Decompress::new(false);
    let mut body = Vec::with_capacity(compressed.len().saturating_mul(2).min(max_bytes) + 1);
    loop {
        let rest = compressed.get(stream.total_in() as usize..).ok_or_else(misfit)?;
        let before = (stream.total_in(), body.len());
        let status = stream.decompress_vec(rest, &mut body, FlushDecompress::Finish);
        if body.len() > max_bytes {
            let (what, limit) = ("bytes in a compressed body", max_bytes as u64);
            return Err(DecodeError::Limit { offset, what, limit });
        }
        match status.map_err(|_| misfit())? {
            Status::StreamEnd => break,
            Status::Ok | Status::BufError if body.len() == body.capacity() => {
                body.reserve(body.len().min(max_bytes + 1 - body.len()).max(STEP));
            }
            // Neither full nor at the end: the rest is missing.
            Status::Ok | Status::BufError if before == (stream.total_in(), body.len()) => {
                return Err(misfit());
            }
            Status::Ok | Status::BufError => {}
        }
    }
    if stream.total_in() < compressed.len() as u64 {
        return Err(misfit());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(|n| (n / 7).to_be_bytes()).collect();
        for len in [0, 1, 5, 1_000, 100_000, text.len()] {
            let compressed = deflate(&text[..len]).unwrap();
            assert_eq!(inflate(&compressed, usize::MAX, 0).unwrap(), &text[..len]);
            assert_eq!(inflate(&compressed, len, 0).unwrap(), &text[..len]);
            assert!(len == 0 || inflate(&compressed, len - 1, 0).is_err(), "beyond the limit");
            for cut in 0..compressed.len().min(500) {
                assert!(inflate(&compressed[..cut], usize::MAX, 0).is_err());
            }
            let more = [&compressed[..], &[0]].concat();
            assert!(inflate(&more, usize::MAX, 0).is_err(), "something behind");
        }
    }

    #[test]
    fn a_bomb_is_neither_written_nor_read() {
        assert_eq!(deflate(&vec![0; 10 << 20]), None);
        let mut stream = Compress::new(Compression::best(), false);
        let mut bomb = Vec::with_capacity(1 << 20);
        stream.compress_vec(&vec![0; 10 << 20], &mut bomb, FlushCompress::Finish).unwrap();
        let error = inflate(&bomb, usize::MAX, 7).unwrap_err();
        assert!(matches!(error, DecodeError::Limit { offset: 7, .. }), "{error}");
    }
}
