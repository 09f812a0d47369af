//! Bedrock: its API keys, which are IAM credentials.

checks! { bedrock;
    account no_long_term_api_keys,
}
