"""Issuing material to a work order by scan, and giving it back to stock."""

from erp.production.services.issuing.giving_back import return_material as return_material
from erp.production.services.issuing.held import Issue as Issue
from erp.production.services.issuing.held import NotOpenForIssue as NotOpenForIssue
from erp.production.services.issuing.held import OverIssue as OverIssue
from erp.production.services.issuing.held import WrongMaterial as WrongMaterial
from erp.production.services.issuing.taking import issue_material as issue_material
