"""Option lists of the records people write: the codes that are stored, and the words people see.

Closed lists: a code outside its list never enters the store. Codes are those that councils,
police and StreetSafe share, so that a spreadsheet made elsewhere can be brought in.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geodata.errors import RecordError


def _worded(text: str, **special: str) -> Mapping[str, str]:
    """Make labels of codes: underscores become spaces, unless a code has words of its own."""
    labels = {code: code.replace("_", " ").capitalize() for code in text.split()}
    return MappingProxyType(labels | special)


EVENT_TYPES = _worded(
    "engagement_day safety_surgery walkabout womens_walk walk_and_talk virtual_walk"
    " community_action_day environmental_audit map_survey",
    womens_walk="Women's safety walk",
    walk_and_talk="Walk and Talk",
)
EVENT_STATUSES = _worded(
    "proposed planned_tbc confirmed held cancelled postponed",
    planned_tbc="Planned, to be confirmed",
)
SITE_KINDS = _worded(
    "station street park estate underpass canal market landmark gardens car_park bus_stop"
    " school library venue hexagon other",
    venue="Public venue",
    hexagon="Map area",
)
SITE_STATUSES = _worded("current merged retired")
SCORE_PURPOSES = _worded(
    "walkabout womens_walk engagement",
    womens_walk="Women's safety walk",
    engagement="Safety surgery or mobile unit",
)
PRESET_STATUSES = _worded("current retired")
NORMALISERS = _worded(
    "rank min-max z index",
    **{"rank": "Percentile rank", "min-max": "Least to most", "z": "Distance from the average",
       "index": "Average is 100"},
)  # fmt: skip
LIGHTS = _worded("day dusk dark")
WEATHERS = _worded("dry light_rain heavy_rain fog snow_ice windy", snow_ice="Snow or ice")
SELECTION_REASONS = _worded(
    "asb_reports virtual_walk previous_walk_issue resident_request councillor_request"
    " ward_panel_priority partner_request vawg_data seasonal_operation equality_coverage"
    " random_check",
    asb_reports="Reports of anti-social behaviour",
    virtual_walk="Named in a virtual walk",
    previous_walk_issue="Issue from an earlier walk",
    vawg_data="Data on violence against women and girls",
    equality_coverage="Area not covered so far",
)
ORGANISATIONS = _worded(
    "council_community_safety theo police_snt police_btp housing highways_lighting parks tfl"
    " vcs_womens_org councillors school_university business",
    council_community_safety="Council community safety",
    theo="Enforcement officers (THEOs)",
    police_snt="Police Safer Neighbourhood Team",
    police_btp="British Transport Police",
    highways_lighting="Highways and lighting",
    tfl="Transport for London",
    vcs_womens_org="Women's or community organisation",
    school_university="School or university",
)
SETTINGS = _worded(
    "street park_open_space estate_communal residential retail licensed_premises transport_hub"
    " bus_stop station car_park canal_towpath underpass_bridge lift_stairwell school building_site"
    " online unknown",
    park_open_space="Park or open space",
    estate_communal="Shared part of an estate",
    canal_towpath="Canal towpath",
    underpass_bridge="Underpass or bridge",
    lift_stairwell="Lift or stairwell",
)
PLACE_PRECISIONS = _worded("exact street area", exact="The very spot")
RESPONSE_MODES = _worded(
    "individual group_consensus facilitator_observed",
    individual="One person",
    group_consensus="The group agreed",
    facilitator_observed="Seen by the walk lead",
)
RESPONSE_FORMS = _worded("quick full", quick="Quick form", full="Full audit")
CHANNELS = _worded("paper phone_form tablet online_session chat email")
FAMILIARITIES = _worded("daily weekly monthly rarely first_time avoids", avoids="Avoids the place")
EXPERIENCES = _worded(
    "today_on_site recent_visit image_only hearsay",
    today_on_site="On site today",
    image_only="From a picture only",
    hearsay="From what others say",
)
USUAL_TIMES = _worded(
    "early_morning day school_run evening_light evening_dark late_night avoid_after_dark"
)
ALONE_EFFECTS = _worded(
    "would_use_alone only_with_others avoid not_applicable",
    would_use_alone="Would use it alone",
    avoid="Would avoid it",
)
FEELINGS: Mapping[int, str] = MappingProxyType(
    {
        1: "Very unsafe",
        2: "Unsafe",
        3: "A bit unsafe",
        4: "A bit safe",
        5: "Safe",
        6: "Very safe",
    }
)
"""Six points and no middle, so that everybody has to lean one way."""

RATINGS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "lighting": (
            "None, or not working",
            "Dim or patchy, cannot see faces at a few metres",
            "Enough to see faces and the path",
            "Bright and even throughout",
        ),
        "openness": (
            "Hemmed in, blind corners", "Partly open", "Mostly open",
            "Clear view in all directions",
        ),
        "visibility": (
            "No windows, shops or people overlook it", "Few do", "Several do",
            "Strongly overlooked",
        ),
        "people": ("Deserted", "A few", "Steady", "Busy but passable"),
        "guardianship": (
            "No staff, patrol or help", "Occasional", "Nearby", "Present now",
        ),
        "path": ("None, blocked or unsafe", "Poor", "Usable", "Good, step-free"),
        "transport_access": ("None in ten minutes or more", "Far", "Near", "At the stop"),
        "gender_mix": (
            "Only men, or no one", "Mostly men", "Mixed",
            "Mixed, with women alone and children",
        ),
        "upkeep": ("Derelict, heavy litter or graffiti", "Poor", "Fair", "Well kept"),
        "wayfinding": ("Lost, no signs", "Poor", "Fair", "Clear"),
        "help_nearby": ("None", "Possible", "Likely", "Staffed place or help point"),
    }
)  # fmt: skip
"""What 0, 1, 2 and 3 mean for each thing that is rated."""

ENVIRONMENT_ISSUES = _worded(
    "no_cctv poor_lighting light_out light_blocked_by_trees empty_isolated blind_spots_layout"
    " restricted_visibility_planting rundown_derelict abandoned_vehicle graffiti litter_flytip"
    " drug_litter nitrous_canisters broken_glass damaged_path no_crossing no_escape_route"
    " long_enclosed_route underpass_lift_stairwell door_entry_broken poor_signage no_phone_signal"
    " no_toilets_seating noise parking_obstructs_view construction_hoarding closed_frontages"
    " bus_stop_exposed",
    no_cctv="No CCTV",
    light_out="Light not working",
    empty_isolated="Empty or isolated",
    blind_spots_layout="Blind spots in the layout",
    restricted_visibility_planting="Planting blocks the view",
    rundown_derelict="Run down or derelict",
    litter_flytip="Litter or fly-tipping",
    nitrous_canisters="Nitrous oxide canisters",
    no_escape_route="No way out",
    long_enclosed_route="Long enclosed route",
    underpass_lift_stairwell="Underpass, lift or stairwell",
    door_entry_broken="Door entry broken",
    no_toilets_seating="No toilets or seating",
    parking_obstructs_view="Parking blocks the view",
    bus_stop_exposed="Exposed bus stop",
)
BEHAVIOURS = _worded(
    "verbal_one verbal_group followed other_harassment staring_catcalling blocked_way"
    " indecent_exposure touching threatening_group drug_dealing_seen street_drinking_seen"
    " kerb_crawling vehicle_harassment phone_snatch_risk hate_abuse",
    verbal_one="Verbal abuse by one person",
    verbal_group="Verbal abuse by a group",
    staring_catcalling="Staring or catcalling",
    blocked_way="Way blocked",
    drug_dealing_seen="Drug dealing seen",
    street_drinking_seen="Street drinking seen",
    vehicle_harassment="Harassment from a vehicle",
    phone_snatch_risk="Risk of phone snatching",
)
ISSUES: Mapping[str, str] = MappingProxyType({**ENVIRONMENT_ISSUES, **BEHAVIOURS})
STREETSAFE_ISSUES = frozenset(
    [
        "no_cctv",
        "poor_lighting",
        "empty_isolated",
        "blind_spots_layout",
        "restricted_visibility_planting",
        "rundown_derelict",
        "abandoned_vehicle",
        "graffiti",
        "litter_flytip",
        "drug_litter",
        "verbal_one",
        "verbal_group",
        "followed",
        "other_harassment",
    ]
)
"""Codes that StreetSafe has too."""

POSITIVES = _worded(
    "busy_and_overlooked good_lighting staff_or_wardens clear_view well_kept planting_play"
    " shops_open familiar_faces easy_exit",
    planting_play="Planting or play",
)
CHANGED_BEHAVIOURS = _worded(
    "different_route avoid_after_dark phone_someone taxi go_with_others stopped_going none"
)
REPORTED_TO = _worded("police council housing streetsafe other no prefer_not", no="Not reported",
                      prefer_not="Prefer not to say", streetsafe="StreetSafe")  # fmt: skip
REASONS_NOT_REPORTED = _worded(
    "nothing_would_happen did_not_know_how not_serious fear_of_reprisal distrust wanted_to_forget"
    " happens_all_the_time prefer_not",
    prefer_not="Prefer not to say",
)
SUGGESTIONS = _worded(
    "lighting trim_planting cctv patrol mirrors_sightlines close_or_gate activate_space"
    " clean_repair signage help_point transport_change youth_outreach substance_outreach"
    " design_change",
    cctv="CCTV",
    mirrors_sightlines="Mirrors or sightlines",
    close_or_gate="Close or gate it",
    activate_space="Bring life to the space",
)
STIMULI = _worded("street_image map video memory", street_image="Picture of the street")

ACTION_ORIGINS = _worded(
    "walkabout womens_walk walk_and_talk virtual_walk ward_panel case_review engagement_day"
    " member_enquiry analysis",
    womens_walk="Women's safety walk",
    walk_and_talk="Walk and Talk",
    case_review="ASB case review",
)
ACTION_TYPES = _worded(
    "repair_clean lighting planting cctv patrol enforcement outreach_support design_change signage"
    " licensing traffic communication investigate refer no_action_explained",
    repair_clean="Repair or clean",
    cctv="CCTV",
    outreach_support="Outreach or support",
    refer="Refer to somebody else",
    no_action_explained="No action, explained",
)
AGENCIES = _worded(
    "council_community_safety theo council_highways_lighting council_parks council_waste"
    " council_housing registered_provider police_snt btp tfl canal_river_trust utility"
    " business_landowner nhs_substance vcs other",
    theo="Enforcement officers (THEOs)",
    council_highways_lighting="Council highways and lighting",
    registered_provider="Housing association",
    police_snt="Police Safer Neighbourhood Team",
    btp="British Transport Police",
    tfl="Transport for London",
    canal_river_trust="Canal & River Trust",
    utility="Utility company",
    business_landowner="Business or landowner",
    nhs_substance="NHS and substance services",
    vcs="Voluntary organisation",
)
ACTION_STATUSES = _worded(
    "proposed agreed in_progress blocked completed verified cannot_do superseded",
    cannot_do="Cannot be done",
)
BLOCKED_REASONS = _worded("funding landowner permission evidence capacity other")
VERIFIED_BY = _worded(
    "officer_visit resident_confirmed photo repeat_walk not_verified",
    resident_confirmed="Confirmed by a resident",
)
ESCALATED_TO = _worded(
    "panel snb csp oands",
    panel="Ward panel",
    snb="Safer Neighbourhood Board",
    csp="Community Safety Partnership",
    oands="Overview and Scrutiny",
)
PRIORITY_STATUSES = _worded("active achieved continued dropped")
PRIORITY_EVIDENCE = _worded("survey panel incident_data walk councillor")
REQUEST_STATUSES = _worded("received assigned arranged held declined withdrawn")
REQUEST_CHANNELS = _worded("email phone online in_person partner")
ASKERS = _worded("resident councillor ward_panel partner business school other")
PLAN_ANSWERS = _worded("asked agreed declined")
PUBLICATION_KINDS = _worded(
    "walk_report you_said_we_did plan newsletter",
    you_said_we_did="You said, we did",
)
ROLES = _worded(
    "viewer panel_member panel_chair action_owner walk_lead safeguarding_officer manager analyst"
    " information_governance",
)
ALERT_OUTCOMES = _worded("advice referred police no_further_action other")

MONITORING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "age_band": MappingProxyType(
            {
                "16_24": "16 to 24", "25_34": "25 to 34", "35_44": "35 to 44",
                "45_54": "45 to 54", "55_64": "55 to 64", "65_over": "65 and over",
                "prefer_not": "Prefer not to say",
            }
        ),
        "gender": _worded(
            "woman man another prefer_not", another="In another way",
            prefer_not="Prefer not to say",
        ),
        "ethnicity": _worded(
            "asian black mixed white other prefer_not",
            asian="Asian, Asian British or Asian Welsh",
            black="Black, Black British, Caribbean or African",
            mixed="Mixed or multiple ethnic groups", other="Another ethnic group",
            prefer_not="Prefer not to say",
        ),
        "disability": _worded("yes no prefer_not", prefer_not="Prefer not to say"),
        "lgbt": _worded("yes no prefer_not", prefer_not="Prefer not to say"),
        "faith_visible": _worded("yes no prefer_not", prefer_not="Prefer not to say"),
        "carer_with_children": _worded("yes no prefer_not", prefer_not="Prefer not to say"),
        "here_as": _worded(
            "resident worker student visitor prefer_not", prefer_not="Prefer not to say"
        ),
    }
)  # fmt: skip
"""Questions about the person, each with its answers: counted by quarter and kept nowhere else."""

LISTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "event_type": EVENT_TYPES,
        "event_status": EVENT_STATUSES,
        "site_kind": SITE_KINDS,
        "site_status": SITE_STATUSES,
        "light": LIGHTS,
        "weather": WEATHERS,
        "selection_reason": SELECTION_REASONS,
        "organisation": ORGANISATIONS,
        "setting": SETTINGS,
        "place_precision": PLACE_PRECISIONS,
        "response_mode": RESPONSE_MODES,
        "response_form": RESPONSE_FORMS,
        "channel": CHANNELS,
        "familiarity": FAMILIARITIES,
        "experience": EXPERIENCES,
        "usual_time": USUAL_TIMES,
        "alone_effect": ALONE_EFFECTS,
        "issue": ISSUES,
        "environment_issue": ENVIRONMENT_ISSUES,
        "behaviour": BEHAVIOURS,
        "positive": POSITIVES,
        "changed_behaviour": CHANGED_BEHAVIOURS,
        "reported_to": REPORTED_TO,
        "reason_not_reported": REASONS_NOT_REPORTED,
        "suggestion": SUGGESTIONS,
        "stimulus": STIMULI,
        "action_origin": ACTION_ORIGINS,
        "action_type": ACTION_TYPES,
        "agency": AGENCIES,
        "action_status": ACTION_STATUSES,
        "blocked_reason": BLOCKED_REASONS,
        "verified_by": VERIFIED_BY,
        "escalated_to": ESCALATED_TO,
        "priority_status": PRIORITY_STATUSES,
        "priority_evidence": PRIORITY_EVIDENCE,
        "request_status": REQUEST_STATUSES,
        "request_channel": REQUEST_CHANNELS,
        "asker": ASKERS,
        "plan_answer": PLAN_ANSWERS,
        "publication_kind": PUBLICATION_KINDS,
        "rating": MappingProxyType({name: name.replace("_", " ").capitalize() for name in RATINGS}),
        "role": ROLES,
        "alert_outcome": ALERT_OUTCOMES,
        "score_purpose": SCORE_PURPOSES,
        "preset_status": PRESET_STATUSES,
        "normaliser": NORMALISERS,
    }
)
"""Every list by its name, as the columns of `geodata.records.tables` name them."""


def label(list_name: str, code: str) -> str:
    """Give the words people see for a code; '' for no code.

    Raises
    ------
    RecordError
        If the list has no such code.

    Examples
    --------
    >>> label("event_type", "womens_walk"), label("event_status", "planned_tbc")
    ("Women's safety walk", 'Planned, to be confirmed')
    """
    if not code:
        return ""
    try:
        return LISTS[list_name][code]
    except KeyError:
        known = ", ".join(LISTS.get(list_name, ())) or "no list of that name"
        raise RecordError(
            "A code is not in its list", got=f"{list_name}: {code!r}", todo=f"use one of {known}"
        ) from None
