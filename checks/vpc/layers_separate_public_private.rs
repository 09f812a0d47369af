//! A VPC with workloads has layers: a private one at least, a route to an internet gateway only where it is meant. A
//! main route table with such a route makes every forgotten subnet public; one on a subnet called private is a mistake.

use super::main_table::judge_main;
use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, Subnet, Vpc};
use posture_estate::network::layers::{Layer, Layers, Names};
use posture_estate::services::ec2::exists;

/// Words in the Name or tier tag of a subnet that is not meant to be public.
const PRIVATE_WORDS: Setting<[String]> = setting!(layers_separate_public_private.private_words);

/// Tags that tell the layer of a subnet.
const TIER_TAGS: Setting<[String]> = setting!(layers_separate_public_private.tier_tags);

pub async fn probe(at: &Region) -> Outcome {
    let instances = at.ec2().instances().await?;
    let running: Vec<&Instance> = instances.iter().filter(|i| exists(i)).collect();
    let mut findings: Vec<Finding> = running
        .iter()
        .filter(|i| i.vpc_id().is_none())
        .map(|i| {
            Verdict::fail("outside_vpc", format!("instance {} is in no vpc", i.instance_id().unwrap_or("?")))
                .sub("classic")
                .on(at.ec2().instance(i))
        })
        .collect();
    let names = Names { words: at.setting(PRIVATE_WORDS), tags: at.setting(TIER_TAGS) };
    let vpcs = at.ec2().vpcs().await?;
    let own: Vec<&Vpc> = vpcs.iter().filter(|vpc| at.ec2().owns(vpc.owner_id())).collect();
    let used = |vpc: &Vpc| running.iter().any(|i| i.vpc_id().is_some() && i.vpc_id() == vpc.vpc_id());
    let network =
        if own.iter().any(|vpc| used(vpc)) { Some(join!(at.ec2().subnets(), at.ec2().route_tables())) } else { None };
    findings.extend(own.iter().map(|vpc| {
        let name = vpc.vpc_id().unwrap_or("?");
        let verdict = match &network {
            Some((Ok(subnets), Ok(tables))) if used(vpc) => judge(name, subnets, &Layers::new(tables), names),
            Some((subnets, tables)) if used(vpc) => {
                let mut reasons = Reasons::new();
                reasons.add(subnets.clone());
                reasons.add(tables.clone());
                reasons.open()
            }
            _ => Verdict::not_applicable(format!("vpc {name} has no instance")),
        };
        verdict.on(at.ec2().vpc(vpc))
    }));
    Ok(findings)
}

fn judge(vpc: &str, subnets: &[Subnet], layers: &Layers, names: Names<'_>) -> Verdict {
    let subnets: Vec<&Subnet> = subnets.iter().filter(|s| s.vpc_id() == Some(vpc)).collect();
    let mut reasons = Reasons::new();
    let (mut public, mut inspected, mut private) = (0, 0, 0);
    for subnet in &subnets {
        let id = subnet.subnet_id().unwrap_or("?");
        match layers.layer(subnet) {
            Some(Layer::Public) => {
                public += 1;
                if let Some(word) = names.word_in(subnet.tags()) {
                    reasons.broken(
                        "private_subnet_public",
                        format!("subnet {id} is called {word} and has a route to an internet gateway"),
                    );
                }
            }
            // It stands in the public layer, and is meant to, unless its name says otherwise.
            Some(Layer::Inspected(appliance)) => {
                inspected += 1;
                if let Some(word) = names.word_in(subnet.tags()) {
                    reasons.doubt(format!(
                        "subnet {id} is called {word}, and it is {appliance} that lets the internet in or not"
                    ));
                }
            }
            Some(Layer::Private) => private += 1,
            None => reasons.doubt(format!("the route table of subnet {id} is not known")),
        }
    }
    if subnets.is_empty() {
        reasons.doubt(format!("vpc {vpc} has instances, but no subnet was returned"));
    } else if private == 0 && public + inspected == subnets.len() {
        reasons.broken("only_public_subnets", format!("vpc {vpc} has only public subnets ({})", subnets.len()));
    }
    judge_main(vpc, layers, &mut reasons);
    reasons
        .or_pass(|| match public + inspected {
            0 => format!("vpc {vpc} has private subnets only ({private})"),
            public => format!("vpc {vpc} separates {public} public from {private} private subnets"),
        })
        .evidence(json!({ "public_subnets": public + inspected, "private_subnets": private }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{Route, RouteTable, RouteTableAssociation, Tag};

    fn standard() -> Names<'static> {
        Names { words: PRIVATE_WORDS.default_value(), tags: TIER_TAGS.default_value() }
    }

    fn subnet(id: &str, name: &str) -> Subnet {
        let tag = Tag::builder().key("Name").value(name).build();
        Subnet::builder().subnet_id(id).vpc_id("vpc-1").tags(tag).build()
    }

    fn table(public: bool, subnet: Option<&str>) -> RouteTable {
        let association = match subnet {
            Some(id) => RouteTableAssociation::builder().subnet_id(id),
            None => RouteTableAssociation::builder().main(true),
        };
        let route = Route::builder().gateway_id(if public { "igw-1" } else { "local" }).build();
        RouteTable::builder().vpc_id("vpc-1").associations(association.build()).routes(route).build()
    }

    fn judged(subnets: &[Subnet], tables: &[RouteTable]) -> Verdict {
        judge("vpc-1", subnets, &Layers::new(tables), standard())
    }

    #[test]
    fn layers() {
        let both = [subnet("subnet-1", "web"), subnet("subnet-2", "app")];
        let good = judged(&both, &[table(false, None), table(true, Some("subnet-1"))]);
        assert_eq!(
            (good.status, good.message.as_str()),
            (Status::Pass, "vpc vpc-1 separates 1 public from 1 private subnets")
        );
        assert_eq!(judged(&both, &[table(false, None)]).status, Status::Pass, "nothing public is as good");
    }

    #[test]
    fn no_layers() {
        let both = [subnet("subnet-1", "web"), subnet("subnet-2", "app")];
        let all = [table(false, None), table(true, Some("subnet-1")), table(true, Some("subnet-2"))];
        assert_eq!(judged(&both, &all).message, "vpc vpc-1 has only public subnets (2)");
        let main = [table(true, None), table(false, Some("subnet-1"))];
        assert!(judged(&both, &main).message.starts_with("the main route table"));
    }

    #[test]
    fn a_private_subnet_with_a_way_to_the_internet() {
        let subnets = [subnet("subnet-1", "prod-Private-1a"), subnet("subnet-2", "app")];
        let tables = [table(false, None), table(true, Some("subnet-1"))];
        assert_eq!(judged(&subnets, &tables).status, Status::Fail);
        assert_eq!(standard().word_in(subnet("s", "databricks-web").tags()), None);
        assert_eq!(standard().word_in(subnet("s", "web_db_1").tags()), Some("db"));
    }

    #[test]
    fn a_subnet_that_the_internet_enters_through_a_firewall_is_not_private() {
        // semantics 109
        let to = |cidr: &str, target: &str| Route::builder().destination_cidr_block(cidr).gateway_id(target).build();
        let table = |route: Route, association: RouteTableAssociation| {
            RouteTable::builder().vpc_id("vpc-1").associations(association).routes(route).build()
        };
        let inside = |id: &str, name: &str, cidr: &str| {
            let mut subnet = subnet(id, name);
            subnet.cidr_block = Some(cidr.to_owned());
            subnet
        };
        let tables = [
            table(to("10.0.0.0/16", "local"), RouteTableAssociation::builder().main(true).build()),
            table(to("0.0.0.0/0", "vpce-1"), RouteTableAssociation::builder().subnet_id("subnet-1").build()),
            table(to("0.0.0.0/0", "igw-1"), RouteTableAssociation::builder().subnet_id("subnet-2").build()),
            table(to("10.0.1.0/24", "vpce-1"), RouteTableAssociation::builder().gateway_id("igw-1").build()),
        ];
        let firewall = inside("subnet-2", "firewall", "10.0.2.0/28");
        let web = inside("subnet-1", "web", "10.0.1.0/24");
        assert_eq!(judged(&[web.clone(), firewall.clone()], &tables).reasons, ["only_public_subnets"]);
        let app = inside("subnet-3", "app", "10.0.3.0/24");
        assert_eq!(judged(&[web, firewall.clone(), app.clone()], &tables).status, Status::Pass);
        let private = inside("subnet-1", "private-a", "10.0.1.0/24");
        assert_eq!(judged(&[private, firewall, app], &tables).status, Status::Unknown);
    }

    #[test]
    fn what_was_not_returned() {
        let verdict = judged(&[subnet("subnet-1", "web")], &[]);
        assert_eq!(verdict.status, Status::Unknown);
        assert_eq!(judged(&[], &[table(false, None)]).status, Status::Unknown);
    }
}
