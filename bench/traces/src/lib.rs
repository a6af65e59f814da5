//! Empty: cargo asks for a target where there are dependencies, and these are only fetched.
