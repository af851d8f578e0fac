"""Who plays in the made-up portfolio: clients, teams, project names, causes. No company or person is real."""

TEAMS = ("Team Blue", "Team Green", "Team Orange")

PROJECTS = {
    "Client A (bank)": (
        "Card fraud alerts",
        "Credit memo drafts",
        "Payment screening",
        "Branch cash forecast",
        "Mortgage file intake",
        "Transaction labels",
        "Customer churn warning",
        "Collections priorities",
        "Know-your-customer checks",
        "Market news digest",
        "Cheque reading",
    ),
    "Client B (financial services)": (
        "Policy search",
        "Broker mail routing",
        "Fraud ring detection",
        "Renewal forecast",
        "Medical report summaries",
        "Damage photo triage",
        "Call centre transcripts",
        "Premium leakage finder",
        "Contract clause finder",
        "Reserve forecast",
        "Complaint themes",
    ),
    "Client C (retailer)": (
        "Shelf photo audit",
        "Markdown prices",
        "Basket suggestions",
        "Returns forecast",
        "Product texts",
        "Fresh food ordering",
        "Store staffing forecast",
        "Supplier invoice matching",
        "Catalogue clean-up",
        "Voucher targeting",
        "Search ranking",
    ),
    "Client D (hospital group)": (
        "Bed occupancy forecast",
        "Discharge letter drafts",
        "Diagnosis coding",
        "No-show prediction",
        "Operating theatre planning",
        "Radiology worklist order",
        "Referral routing",
        "Medication stock forecast",
        "Patient question assistant",
        "Lab result alerts",
    ),
    "Client E (manufacturer)": (
        "Weld seam inspection",
        "Press maintenance warning",
        "Spare parts forecast",
        "Drawing search",
        "Scrap root causes",
        "Energy use alarms",
        "Supplier delay warning",
        "Tool wear forecast",
        "Service report coding",
        "Paint defect detection",
    ),
    "Client F (energy supplier)": (
        "Load forecast",
        "Wind feed-in forecast",
        "Meter anomaly alerts",
        "Tariff letter assistant",
        "Substation fault prediction",
        "Grid outage tickets",
        "Heat pump leads",
        "Vegetation near lines",
        "Trading desk summaries",
        "Moving-house requests",
    ),
    "Client G (public agency)": (
        "Application pre-check",
        "Permit file search",
        "Citizen mail routing",
        "Road damage photos",
        "Housing benefit intake",
        "Translation desk",
        "Archive transcription",
        "Parking demand forecast",
        "Procurement text check",
        "Statistics coding",
    ),
}

# Work that no baseline knew: id, phase, name, owner, what it waits for, what waits for it, days at size 1.
ADDED = (
    ("1.5", "discovery", "Works council informed", "Delivery lead", "1.2", "1.4", 4),
    ("2.4", "data_preparation", "Second data source connected", "Data engineer", "2.1", "2.3", 8),
    ("3.5", "model_development", "Fairness review passed", "Machine learning lead", "3.3", "3.4", 5),
    ("4.5", "deployment", "Single sign-on connected", "Platform engineer", "4.2", "4.3", 5),
    ("5.5", "validation", "Training for second site held", "Delivery lead", "5.2", "5.4", 4),
)
ADDED_NOTES = {
    "1.5": "The works council asked to be heard before the plan was fixed.",
    "2.4": "A second source was needed after all: the first did not hold the older cases.",
    "3.5": "The client's compliance office asked for a fairness review that nobody had planned.",
    "4.5": "Going live was made conditional on single sign-on.",
    "5.5": "A second site joined and asked for its own training.",
}

# How often each cause is behind a miss of the phase, in percent.
CAUSES = {
    "discovery": {"estimate": 40, "staffing": 30, "scope_change": 30},
    "data_preparation": {"data_quality": 60, "estimate": 20, "scope_change": 12, "staffing": 8},
    "model_development": {"extra_iteration": 55, "data_quality": 20, "estimate": 15, "staffing": 10},
    "deployment": {"integration": 25, "infrastructure": 55, "estimate": 12, "staffing": 8},
    "validation": {"estimate": 35, "scope_change": 35, "integration": 15, "staffing": 15},
}
# What waiting for the client is called in a phase that waits for data; elsewhere it is for an approval.
WAITS_FOR_DATA = ("discovery", "data_preparation")
CAUSE_NOTES = {
    "data_quality": (
        "Duplicates and contradicting records had to be resolved case by case.",
        "Labels from two departments did not agree and were made again.",
        "A third of the records lacked the field that the model needs most.",
        "Formats changed in the middle of the history; older years were converted by hand.",
    ),
    "scope_change": (
        "The client widened the scope while the work was under way.",
        "A further user group was included late.",
        "Requirements agreed at kickoff were read differently by a second department.",
    ),
    "integration": (
        "The interface of the neighbouring system behaved differently from its documentation.",
        "Test accounts covered only half of the calls that the real system makes.",
        "Two systems disagreed on identifiers; a mapping had to be built.",
    ),
    "estimate": (
        "The work was understood well enough, the estimate was too low.",
        "Review and rework were not in the estimate.",
        "The estimate was taken over from a smaller project.",
    ),
    "extra_iteration": (
        "The last points of accuracy took as many experiments as all those before.",
        "The first approach stalled below the threshold and was replaced.",
        "One group of cases stayed below its floor and needed experiments of its own.",
    ),
    "staffing": (
        "The person for this work was still bound in another project.",
        "Illness and a handover in the middle of the work.",
    ),
    "infrastructure": (
        "Environments were delivered with other versions than ordered.",
        "Firewall rules and certificates came one at a time.",
        "Computing power was smaller than agreed; the service had to be slimmed.",
    ),
    "data_access": (
        "Waited for the client to decide who may see the records.",
        "Waited for accounts and clearance.",
        "Waited for the client's experts to say which records count.",
    ),
    "client_approval": (
        "Waited for the client's decision; the people who decide were not available.",
        "Waited for the client's release.",
        "Waited for the client's experts to check results.",
    ),
}
