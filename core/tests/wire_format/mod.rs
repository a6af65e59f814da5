//! What `docs/wire-format.md` shows.

/// The bytes of the example that follows a comment in it.
pub fn example(comment: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/wire-format.md");
    let document = std::fs::read_to_string(path).expect("the format is described");
    let (_, rest) = document.split_once(comment).expect("there is an example");
    let (_, rest) = rest.split_once("```hex\n").expect("a block of bytes");
    let (block, _) = rest.split_once("```").expect("a block ends");
    let hex = block.lines().filter_map(|line| line.split('#').next());
    let bytes = hex.flat_map(str::split_whitespace);
    bytes.map(|byte| u8::from_str_radix(byte, 16).expect("a byte")).collect()
}
