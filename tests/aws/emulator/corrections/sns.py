"""SNS: a subscription is pending until its owner confirms it, and topics count them."""

from typing import Any

from moto.sns.models import sns_backends

from emulator.call import Call, Refused
from emulator.corrections import answers, corrects

#: Who has to confirm first, if it is not another account's.
ASKED = ("email", "email-json", "http", "https")


def subscriptions_of(call: Call) -> dict[str, Any]:
    return sns_backends[call.account][call.region].subscriptions


def is_pending(subscription: Any) -> bool:
    return subscription.protocol in ASKED and not subscription.confirmed


@corrects("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def subscriptions(call: Call, answer: dict) -> dict:
    """A word in place of the ARN until it is confirmed."""
    known = subscriptions_of(call)
    for one in answer["Subscriptions"]:
        found = known.get(one["SubscriptionArn"])
        if found and is_pending(found):
            one["SubscriptionArn"] = "PendingConfirmation"
    return answer


@answers("sns", "ConfirmSubscription")
def confirm(call: Call) -> dict:
    """The token that AWS would have sent is here the endpoint itself."""
    for arn, one in subscriptions_of(call).items():
        if one.topic.arn == call.params["TopicArn"] and one.endpoint == call.params["Token"]:
            one.confirmed = True
            return {"SubscriptionArn": arn}
    raise Refused("InvalidParameter", "Invalid parameter: Token", 400)


@corrects("sns", "GetTopicAttributes")
def attributes(call: Call, answer: dict) -> dict:
    """The counts are those of the subscriptions."""
    own = [one for one in subscriptions_of(call).values() if one.topic.arn == call.params["TopicArn"]]
    pending = sum(map(is_pending, own))
    answer["Attributes"] |= {"SubscriptionsPending": str(pending), "SubscriptionsConfirmed": str(len(own) - pending)}
    return answer
