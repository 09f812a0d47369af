"""Peering, transit gateways, prefix lists: a tight and a loose one of each where moto has them."""

from accounts.acme import EU, PARTNER, US
from accounts.common import Aws, close_default_group, group, launch, name

AFTER = ["ec2_network", "iam"]


def fill(aws: Aws, made: dict) -> None:
    ids = made["ec2_network"]
    us = aws.client("ec2", US)
    other = us.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=name("vpc", "reporting"))["Vpc"]["VpcId"]
    close_default_group(us, other)
    peering = us.create_vpc_peering_connection(VpcId=ids["vpc"], PeerVpcId=other)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    us.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    us.create_route(RouteTableId=ids["inside"], DestinationCidrBlock="10.40.3.0/24", VpcPeeringConnectionId=peering)
    eu = aws.client("ec2", EU)
    second = eu.create_vpc(CidrBlock="10.50.0.0/16", TagSpecifications=name("vpc", "test"))["Vpc"]["VpcId"]
    # A worker without a way out, and without an endpoint to reach the services that it needs.
    inner = eu.create_subnet(VpcId=second, CidrBlock="10.50.10.0/24", TagSpecifications=name("subnet", "private"))["Subnet"]["SubnetId"]
    worker = launch(aws, EU, inner, [close_default_group(eu, second)], "test-worker", profile="shop-web")
    aws.age("instance", region=EU, id=worker, launched="now-50d")
    peering = eu.create_vpc_peering_connection(VpcId=ids["eu_vpc"], PeerVpcId=second)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    eu.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    eu.create_route(RouteTableId=ids["eu_table"], DestinationCidrBlock="10.50.0.0/16", VpcPeeringConnectionId=peering)

    us.create_transit_gateway(Description="shop", Options={"AutoAcceptSharedAttachments": "disable"})
    eu.create_transit_gateway(Description="legacy", Options={"AutoAcceptSharedAttachments": "enable"})
    partner(aws, ids)


def partner(aws: Aws, ids: dict[str, str]) -> None:
    """A partner's VPC behind a peering connection, whose groups may name ours; and everyone behind a prefix list."""
    eu = aws.client("ec2", EU)
    other = aws.of(PARTNER).client("ec2", EU)
    theirs = other.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    peering = eu.create_vpc_peering_connection(VpcId=ids["eu_vpc"], PeerVpcId=theirs, PeerOwnerId=PARTNER)
    other.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    halves = [{"Cidr": cidr, "Description": "anywhere"} for cidr in ("0.0.0.0/1", "128.0.0.0/1")]
    made = eu.create_managed_prefix_list(PrefixListName="anywhere", MaxEntries=5, AddressFamily="IPv4", Entries=halves)
    group(eu, ids["eu_vpc"], "windows-admins", "remote management", [("tcp", 5985, 5986, made["PrefixList"]["PrefixListId"])])
