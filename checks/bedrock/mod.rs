//! Bedrock: its API keys, which are IAM credentials.

mod rights;

checks! { bedrock;
    account no_long_term_api_keys,
}
