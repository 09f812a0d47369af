"""Where AWS answers, as botocore's rules have it.

`rules()` asks them for every region of every partition, plain, with FIPS and with dual stack, and folds the answers into
templates for `models.py`: the first rule that fits wins, and one without a URL says that AWS has no such endpoint.

    python3 tests/aws/endpoints.py FILE      the services of FILE (`service:Operation`, one a line), for tests/it/models.rs

prints what botocore's own resolver answers for each of them, which is another way into the same rules.
"""

import pinned

if __name__ == "__main__":
    pinned.enter()

import collections
import json
import sys
import typing

import botocore.hooks
import botocore.loaders
import botocore.model
import botocore.regions
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.regions import EndpointResolverBuiltins as Builtins

LOADER = botocore.loaders.Loader()
PARTITIONS = LOADER.load_data("partitions")

#: Our name of a service → botocore's folder, where they differ.
FOLDERS = {"access-analyzer": "accessanalyzer"}

#: Stands for the account in a host name.
ACCOUNT = "111122223333"

VARIANTS = {"plain": (False, False), "fips": (True, False), "dualStack": (False, True), "fipsDualStack": (True, True)}


class Endpoint(typing.NamedTuple):
    url: str | None
    region: str | None = None
    name: str | None = None


def folder(service: str) -> str:
    return FOLDERS.get(service, service)


def absent(service: str) -> list[str]:
    """The Regions in which AWS does not offer a service, as far as botocore's list of endpoints goes: those of EC2, which is in all of them,
    without those of the service. Nothing where the list does not know the service, or knows it as a global one."""
    known = LOADER.load_data("endpoints")["partitions"]
    prefix = LOADER.load_service_model(folder(service), "service-2")["metadata"]["endpointPrefix"]
    listed = {partition["partition"]: partition["services"].get(prefix) for partition in known}
    if any(said and "partitionEndpoint" in said for said in listed.values()) or not any(listed.values()):
        return []
    missing = []
    for partition in known:
        regional = set(partition["services"]["ec2"]["endpoints"]) & set(partition["regions"])
        offered = set((listed[partition["partition"]] or {"endpoints": {}})["endpoints"])
        missing += sorted(regional - offered)
    return missing


def signing_name(metadata: dict) -> str:
    return metadata.get("signingName", metadata["endpointPrefix"])


def suffixes(partition: dict) -> dict[str, str]:
    outputs = partition["outputs"]
    return {"{suffix}": outputs["dnsSuffix"], "{dualStackSuffix}": outputs["dualStackDnsSuffix"]}


def unheard_of(partition: dict) -> str:
    """A region that AWS has not built yet: what holds there holds wherever there is no exception."""
    area = {"aws": "us", "aws-eusc": "eusc-de"}.get(partition["id"])
    return f"{area or partition['regionRegex'].split('w+')[0].strip('^').replace(chr(92), '').rstrip('-')}-moon-9"


def regions(partition: dict) -> list[str]:
    return [region for region in partition["regions"] if not region.endswith("-global")]


def signer(properties: dict) -> dict:
    return next((one for one in properties.get("authSchemes", []) if one["name"] == "sigv4"), {})


def rules(service: str, operations) -> list[dict]:
    """The rules of a service. Operations that have endpoints of their own are named in theirs, which come first."""
    model = LOADER.load_service_model(folder(service), "service-2")
    kinds = alike(model, operations)
    found = {kind: rules_with(service, model["metadata"], json.loads(kind)) for kind in kinds}
    usual = found[max(kinds, key=lambda kind: (len(kinds[kind]), kind))]
    own = [{"operations": kinds[kind], **rule} for kind in kinds if found[kind] != usual for rule in found[kind]]
    return own + usual


def alike(model: dict, operations) -> dict[str, list[str]]:
    """The operations by what they tell the rules of themselves."""
    kinds = collections.defaultdict(list)
    for name in sorted(operations):
        said = model["operations"][name].get("staticContextParams", {})
        kinds[json.dumps({key: one["value"] for key, one in said.items()}, sort_keys=True)].append(name)
    return kinds


def rules_with(service: str, metadata: dict, fixed: dict) -> list[dict]:
    ruleset = LOADER.load_service_model(folder(service), "endpoint-rule-set-1")
    provider = EndpointProvider(ruleset, PARTITIONS)

    def ask(region: str, variant: str) -> Endpoint:
        fips, dual_stack = VARIANTS[variant]
        params = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack, **fixed}
        if fixed.get("RequiresAccountId"):
            params["AccountId"] = ACCOUNT
        try:
            said = provider.resolve_endpoint(**params)
        except BotoCoreError:
            return Endpoint(None)
        sign = signer(said.properties)
        return Endpoint(said.url, sign.get("signingRegion", region), sign.get("signingName", signing_name(metadata)))

    def template(said: Endpoint, partition: dict, region: str) -> Endpoint:
        if said.url is None:
            return said
        url = said.url.replace(ACCOUNT, "{account}").replace(region, "{region}")
        for name, suffix in suffixes(partition).items():
            if url.endswith(f".{suffix}"):
                url = f"{url.removesuffix(suffix)}{name}"
                break
        other = said.name if said.name != signing_name(metadata) else None
        home = partition["outputs"]["implicitGlobalRegion"]
        if home == region:
            return Endpoint(url, None if said.region == region else said.region, other)
        sign = {region: None, home: "{globalRegion}"}.get(said.region, said.region)
        return Endpoint(url.replace(home, "{globalRegion}"), sign, other)

    def render(rule: Endpoint, partition: dict, region: str) -> Endpoint:
        if rule.url is None:
            return rule
        home = partition["outputs"]["implicitGlobalRegion"]
        url = rule.url.replace("{account}", ACCOUNT).replace("{region}", region).replace("{globalRegion}", home)
        for name, suffix in suffixes(partition).items():
            url = url.replace(name, suffix)
        sign = (rule.region or region).replace("{globalRegion}", home)
        return Endpoint(url, sign, rule.name or signing_name(metadata))

    found = {"region": [], "partition": [], "any": []}

    def rule(kind: str, said: Endpoint, variant: str, **where) -> None:
        names = {"url": said.url, "signingRegion": said.region, "signingName": said.name}
        given = {key: value for key, value in names.items() if value is not None}
        found[kind].append(where | ({} if variant == "plain" else {"variant": variant}) | given)

    for variant in VARIANTS:
        said = {p["id"]: template(ask(unheard_of(p), variant), p, unheard_of(p)) for p in PARTITIONS["partitions"]}
        usual = collections.Counter(said.values()).most_common(1)[0][0]
        rule("any", usual, variant)
        for partition in PARTITIONS["partitions"]:
            here = usual
            if said[partition["id"]] != usual:
                here = said[partition["id"]]
                rule("partition", here, variant, partition=partition["id"])
            for region in regions(partition):
                asked = ask(region, variant)
                if render(here, partition, region) != asked:
                    rule("region", template(asked, partition, region), variant, region=region)
    return found["region"] + found["partition"] + found["any"]


def resolved(service: str, operation: str) -> list[dict]:
    """What botocore's client would use for an operation in the three partitions that everybody has."""
    loaded = LOADER.load_service_model(folder(service), "service-2")
    model = botocore.model.ServiceModel(loaded, folder(service))
    ruleset = LOADER.load_service_model(folder(service), "endpoint-rule-set-1")
    builtins = {Builtins.SDK_ENDPOINT: None}
    resolver = botocore.regions.EndpointRulesetResolver(
        ruleset, PARTITIONS, model, builtins, {}, botocore.hooks.HierarchicalEmitter()
    )
    answers = []
    for partition in PARTITIONS["partitions"]:
        if partition["id"] not in ("aws", "aws-cn", "aws-us-gov"):
            continue
        for region in [*regions(partition), unheard_of(partition)]:
            for variant, (fips, dual_stack) in VARIANTS.items():
                builtins[Builtins.AWS_REGION] = region
                builtins[Builtins.AWS_USE_FIPS], builtins[Builtins.AWS_USE_DUALSTACK] = fips, dual_stack
                answer = {"service": service, "operation": operation, "region": region, "variant": variant}
                try:
                    said = resolver.construct_endpoint(model.operation_model(operation), {"AccountId": ACCOUNT}, {})
                except BotoCoreError:
                    answers.append(answer | {"url": None})
                    continue
                sign = signer(said.properties)
                answer |= {"url": said.url, "signingRegion": sign.get("signingRegion", region)}
                answers.append(answer | {"signingName": sign.get("signingName", signing_name(loaded["metadata"]))})
    return answers


def main() -> None:
    calls = collections.defaultdict(set)
    with open(sys.argv[1]) as file:
        for service, operation in (line.strip().split(":") for line in file):
            calls[service].add(operation)
    answers = []
    for service, operations in sorted(calls.items()):
        model = LOADER.load_service_model(folder(service), "service-2")
        # One operation of each kind: the others ask the same.
        for names in alike(model, operations).values():
            answers.extend(resolved(service, names[0]))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
