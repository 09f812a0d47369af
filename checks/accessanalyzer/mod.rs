//! Checks on IAM Access Analyzer.

checks! { accessanalyzer;
    organization organization_analyzer_active,
}
