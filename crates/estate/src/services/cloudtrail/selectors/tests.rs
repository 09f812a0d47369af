//! Which selectors cover which events.

use super::*;
use aws_sdk_cloudtrail::types::DataResource;

const S3: Category = Category::Data("AWS::S3::Object");
const READS: Events<'static> = Events { category: S3, access: Access::Read, arn_prefix: "arn:aws:s3:::data/" };
const WRITES: Events<'static> = Events { category: S3, access: Access::Write, arn_prefix: "arn:aws:s3:::data/" };

fn basic(access: ReadWriteType, management: bool, values: &[&str]) -> Selectors {
    let mut selector = EventSelector::builder().read_write_type(access).include_management_events(management);
    if !values.is_empty() {
        let values = Some(values.iter().map(|v| v.to_string()).collect());
        selector =
            selector.data_resources(DataResource::builder().r#type("AWS::S3::Object").set_values(values).build());
    }
    Selectors { basic: vec![selector.build()], advanced: vec![] }
}

fn field(name: &str) -> aws_sdk_cloudtrail::types::builders::AdvancedFieldSelectorBuilder {
    AdvancedFieldSelector::builder().field(name)
}

fn advanced(fields: Vec<aws_sdk_cloudtrail::types::builders::AdvancedFieldSelectorBuilder>) -> Selectors {
    let fields = fields.into_iter().map(|f| f.build().unwrap()).collect();
    let selector = AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().unwrap();
    Selectors { basic: vec![], advanced: vec![selector] }
}

fn s3(more: Vec<aws_sdk_cloudtrail::types::builders::AdvancedFieldSelectorBuilder>) -> Selectors {
    let mut fields = vec![field("eventCategory").equals("Data"), field("resources.type").equals("AWS::S3::Object")];
    fields.extend(more);
    advanced(fields)
}

#[test]
fn basic_management_events_need_both_kinds_and_no_exclusion() {
    let read = Events::all(Category::Management, Access::Read);
    let write = Events::all(Category::Management, Access::Write);
    assert_eq!(Selectors::default_of_a_trail().coverage(&read), Coverage::Whole);
    assert_eq!(basic(ReadWriteType::WriteOnly, true, &[]).coverage(&read), Coverage::Nothing);
    assert_eq!(basic(ReadWriteType::WriteOnly, true, &[]).coverage(&write), Coverage::Whole);
    assert_eq!(basic(ReadWriteType::All, false, &[]).coverage(&write), Coverage::Nothing);
    let mut kms = Selectors::default_of_a_trail();
    kms.basic[0].exclude_management_event_sources = Some(vec!["kms.amazonaws.com".into()]);
    assert_eq!(kms.coverage(&read), Coverage::Part);
    assert_eq!(kms.excluded_sources(), ["kms.amazonaws.com"]);
}

#[test]
fn advanced_management_events_need_both_kinds_and_no_exclusion() {
    // semantics 33
    let read = Events::all(Category::Management, Access::Read);
    let write = Events::all(Category::Management, Access::Write);
    let all = advanced(vec![field("eventCategory").equals("Management")]);
    assert_eq!((all.coverage(&read), all.coverage(&write)), (Coverage::Whole, Coverage::Whole));
    assert_eq!(all.coverage(&READS), Coverage::Nothing);
    let writes = advanced(vec![field("eventCategory").equals("Management"), field("readOnly").equals("false")]);
    assert_eq!((writes.coverage(&read), writes.coverage(&write)), (Coverage::Nothing, Coverage::Whole));
    let no_kms = advanced(vec![
        field("eventCategory").equals("Management"),
        field("eventSource").not_equals("kms.amazonaws.com"),
    ]);
    assert_eq!(no_kms.coverage(&write), Coverage::Part);
    assert_eq!(no_kms.excluded_sources(), ["kms.amazonaws.com"]);
}

#[test]
fn basic_data_events_cover_a_bucket_by_name_or_all_of_them() {
    for whole in ["arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::data/"] {
        assert_eq!(basic(ReadWriteType::All, false, &[whole]).coverage(&READS), Coverage::Whole, "{whole}");
    }
    assert_eq!(basic(ReadWriteType::All, false, &["arn:aws:s3:::data/pay/"]).coverage(&READS), Coverage::Part);
    assert_eq!(basic(ReadWriteType::All, false, &["arn:aws:s3:::database/"]).coverage(&READS), Coverage::Nothing);
    assert_eq!(basic(ReadWriteType::WriteOnly, false, &["arn:aws:s3"]).coverage(&READS), Coverage::Nothing);
    assert_eq!(basic(ReadWriteType::WriteOnly, false, &["arn:aws:s3"]).coverage(&WRITES), Coverage::Whole);
    let every = Events::all(S3, Access::Write);
    assert_eq!(basic(ReadWriteType::All, false, &["arn:aws:s3:::"]).coverage(&every), Coverage::Whole);
    assert_eq!(basic(ReadWriteType::All, false, &["arn:aws:s3:::data/"]).coverage(&every), Coverage::Part);
}

#[test]
fn advanced_data_events_know_inclusions_and_exclusions() {
    assert_eq!(s3(vec![]).coverage(&READS), Coverage::Whole);
    assert_eq!(s3(vec![field("readOnly").equals("false")]).coverage(&READS), Coverage::Nothing);
    let named =
        s3(vec![field("resources.ARN").starts_with("arn:aws:s3:::other/").starts_with("arn:aws:s3:::data/")]);
    assert_eq!(named.coverage(&READS), Coverage::Whole);
    assert_eq!(named.coverage(&Events::all(S3, Access::Read)), Coverage::Part);
    let but_data = s3(vec![field("resources.ARN").not_starts_with("arn:aws:s3:::data/")]);
    assert_eq!(but_data.coverage(&READS), Coverage::Nothing);
    let but_logs = s3(vec![field("resources.ARN").not_starts_with("arn:aws:s3:::logs/")]);
    assert_eq!(but_logs.coverage(&READS), Coverage::Whole);
    let but_a_folder = s3(vec![field("resources.ARN").not_starts_with("arn:aws:s3:::data/tmp/")]);
    assert_eq!(but_a_folder.coverage(&READS), Coverage::Part);
    let deletes = s3(vec![field("eventName").equals("DeleteObject")]);
    assert_eq!(deletes.coverage(&WRITES), Coverage::Part);
    let lambda = advanced(vec![
        field("eventCategory").equals("Data"),
        field("resources.type").equals("AWS::Lambda::Function"),
    ]);
    assert_eq!(lambda.coverage(&READS), Coverage::Nothing);
}

#[test]
fn network_activity_events_are_a_category_of_their_own() {
    let through = Events::all(Category::NetworkActivity("s3"), Access::Write);
    let s3_only = advanced(vec![
        field("eventCategory").equals("NetworkActivity"),
        field("eventSource").equals("s3.amazonaws.com"),
    ]);
    assert_eq!(s3_only.coverage(&through), Coverage::Whole);
    let kms = Events::all(Category::NetworkActivity("kms"), Access::Write);
    assert_eq!(s3_only.coverage(&kms), Coverage::Nothing);
    let denied = advanced(vec![
        field("eventCategory").equals("NetworkActivity"),
        field("eventSource").equals("s3.amazonaws.com"),
        field("errorCode").equals("VpceAccessDenied"),
    ]);
    assert_eq!(denied.coverage(&through), Coverage::Whole);
    let through_one = advanced(vec![
        field("eventCategory").equals("NetworkActivity"),
        field("eventSource").equals("s3.amazonaws.com"),
        field("vpcEndpointId").equals("vpce-1"),
    ]);
    assert_eq!(through_one.coverage(&through), Coverage::Part);
}

#[test]
fn two_halves_are_a_whole_however_they_are_cut() {
    // semantics 139
    let object = |name: &str| field(name);
    let cuts = [
        (object("eventName").equals("GetObject"), object("eventName").not_equals("GetObject")),
        (object("resources.ARN").starts_with("arn:aws:s3:::data/a"), object("resources.ARN").not_starts_with("arn:aws:s3:::data/a")),
        (object("resources.ARN").ends_with(".csv"), object("resources.ARN").not_ends_with(".csv")),
        (object("userIdentity.arn").starts_with("arn:aws:sts::"), object("userIdentity.arn").not_starts_with("arn:aws:sts::")),
    ];
    for (one, other) in cuts {
        let (one, other) = (s3(vec![one]), s3(vec![other]));
        for events in [READS, WRITES, Events::all(S3, Access::Read)] {
            assert_eq!(one.coverage(&events), Coverage::Part);
            assert_eq!(together([&one, &other], &events), Coverage::Whole, "{one:?}");
            assert_eq!(together([&one, &one], &events), Coverage::Part);
        }
        let same_trail = Selectors { basic: vec![], advanced: [one.advanced, other.advanced].concat() };
        assert_eq!(same_trail.coverage(&READS), Coverage::Whole, "statements of one trail");
    }
}

#[test]
fn halves_that_leave_something_out_between_them_are_no_whole() {
    let gets = s3(vec![field("eventName").equals("GetObject")]);
    let heads = s3(vec![field("eventName").equals("HeadObject")]);
    assert_eq!(together([&gets, &heads], &READS), Coverage::Part);
    let gets_of_a = s3(vec![field("eventName").equals("GetObject"), field("resources.ARN").starts_with("arn:aws:s3:::data/a")]);
    let rest = s3(vec![field("eventName").not_equals("GetObject"), field("resources.ARN").not_starts_with("arn:aws:s3:::data/a")]);
    assert_eq!(together([&gets_of_a, &rest], &READS), Coverage::Part, "GetObject elsewhere is in neither");
    let (reads, writes) =
        (basic(ReadWriteType::ReadOnly, true, &["arn:aws:s3"]), basic(ReadWriteType::WriteOnly, true, &["arn:aws:s3"]));
    assert_eq!(together([&reads, &writes], &READS), Coverage::Whole);
    assert_eq!(together([&writes, &writes], &READS), Coverage::Nothing);
}

#[test]
fn management_events_may_be_shared_between_trails() {
    let no = |source: &str| {
        advanced(vec![field("eventCategory").equals("Management"), field("eventSource").not_equals(source)])
    };
    let writes = Events::all(Category::Management, Access::Write);
    assert_eq!(together([&no("kms.amazonaws.com"), &no("rdsdata.amazonaws.com")], &writes), Coverage::Whole);
    assert_eq!(together([&no("kms.amazonaws.com"), &no("kms.amazonaws.com")], &writes), Coverage::Part);
}

#[test]
fn what_is_too_much_to_try_out_is_not_called_whole() {
    let many = |name: &str| (0..200).fold(field(name), |field, n| field.equals(format!("x{n}")));
    let narrow = s3(vec![many("eventName"), many("resources.ARN"), many("userIdentity.arn")]);
    assert_eq!(narrow.coverage(&Events::all(S3, Access::Read)), Coverage::Part);
    assert_eq!(together([&narrow, &s3(vec![])], &READS), Coverage::Whole, "one alone suffices");
}
