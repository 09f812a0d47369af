"""resourcegroupstaggingapi: moto lists every bucket in every region; AWS lists it in its own."""

from moto.s3.models import s3_backends

from emulator.call import Call
from emulator.corrections import corrects


@corrects("resourcegroupstaggingapi", "GetResources")
def resources(call: Call, answer: dict) -> dict:
    buckets = s3_backends[call.account]["aws"].buckets

    def here(arn: str) -> bool:
        name = arn.removeprefix("arn:aws:s3:::")
        return name == arn or name in buckets and buckets[name].region_name == call.region

    listed = [one for one in answer["ResourceTagMappingList"] if here(one["ResourceARN"])]
    return answer | {"ResourceTagMappingList": listed}
