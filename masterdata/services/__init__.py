"""Deeds on master data: verbs, keyword-only, one transaction each."""

from masterdata.services.answers import forget_answers as forget_answers
from masterdata.services.boms import BomCircle as BomCircle
from masterdata.services.boms import BomInput as BomInput
from masterdata.services.boms import BomLineInput as BomLineInput
from masterdata.services.boms import NotADraft as NotADraft
from masterdata.services.boms import freeze_bom as freeze_bom
from masterdata.services.boms import freeze_boms as freeze_boms
from masterdata.services.boms import keep_low_level_codes as keep_low_level_codes
from masterdata.services.boms import write_bom as write_bom
from masterdata.services.boms import write_boms as write_boms
from masterdata.services.masters import BaseUnitInUse as BaseUnitInUse
from masterdata.services.masters import create_machine as create_machine
from masterdata.services.masters import create_material as create_material
from masterdata.services.masters import create_partner as create_partner
from masterdata.services.masters import update_machine as update_machine
from masterdata.services.masters import update_material as update_material
from masterdata.services.masters import update_partner as update_partner
from masterdata.services.routings import OperationInput as OperationInput
from masterdata.services.routings import RoutingInput as RoutingInput
from masterdata.services.routings import freeze_routing as freeze_routing
from masterdata.services.routings import freeze_routings as freeze_routings
from masterdata.services.routings import write_routing as write_routing
from masterdata.services.routings import write_routings as write_routings
from masterdata.units import NoConversion as NoConversion
from masterdata.units import to_base_quantity as to_base_quantity
from masterdata.units import unit_factors as unit_factors
