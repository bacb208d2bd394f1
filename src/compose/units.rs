//! Sizes, durations, modes and numbers as Compose reads them.
/// A
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(
    /// b
    pub i64,
);
/// A
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration(
    /// b
    pub i64,
);
/// A
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMode(
    /// b
    pub i64,
);
impl Bytes {
    /// p
    pub fn parse(s: &str) -> Result<Self, String> {
        s.parse().map(Self).map_err(|_| "x".into())
    }
}
impl Duration {
    /// p
    pub fn parse(s: &str) -> Result<Self, String> {
        s.parse().map(Self).map_err(|_| "x".into())
    }
}
impl FileMode {
    /// p
    pub fn parse(s: &str) -> Result<Self, String> {
        s.parse().map(Self).map_err(|_| "x".into())
    }
}
/// f
pub fn float(s: &str) -> Option<f64> {
    s.parse().ok()
}
