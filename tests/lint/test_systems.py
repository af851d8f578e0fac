"""Which systems a text names: those behind the words of integration, and nothing else that has a capital."""

import pytest

from estimation.lint.systems import names_system, systems_in


@pytest.mark.parametrize(
    ("text", "systems"),
    [
        ("Integration with SAP and Salesforce", ["SAP", "Salesforce"]),
        ("Scores are sent; the service is connected to the client's CRM.", ["CRM"]),
        ("Integrations: SAP S/4HANA, Jira; ServiceNow", ["SAP S/4HANA", "Jira", "ServiceNow"]),
        ("Connected to SAP. Users follow.", ["SAP"]),
        ("Jira connector and DATEV interface tested", ["Jira", "DATEV"]),
        ("interface to the data warehouse", ["data warehouse"]),
        ("Integrates with Microsoft Dynamics 365 early", ["Microsoft Dynamics 365"]),
        ("The SAP integration works. Integration with SAP is documented.", ["SAP"]),
    ],
)
def test_systems_are_named_behind_the_words_of_integration(text, systems):
    assert sorted(systems_in(text)) == sorted(systems)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SAP export loaded",  # data from a system, no integration
        "System integration done",
        "Continuous Integration set up",
        "API integration complete",
        "Client systems connected to the service",
        "The whole system runs with your systems connected. Your testers can try it.",
        "Owners of the client systems it connects to, for test accounts and test data",
        "Model connected to the Production environment",
        "Users connected to Production. Testers follow",
    ],
)
def test_words_that_are_no_system_are_left_alone(text):
    assert systems_in(text) == []


def test_a_system_is_a_word_of_its_own():
    assert names_system("Integration with SAP verified", "SAP")
    assert not names_system("SAPPHIRE integration verified", "SAP")
    assert names_system("sap s/4hana answers", "SAP S/4HANA")
