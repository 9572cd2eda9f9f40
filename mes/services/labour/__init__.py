"""Hours of people: folded from the log, gated by skills, booked as cost."""

from mes.services.labour.costing import is_told as is_told
from mes.services.labour.costing import labour_of_report as labour_of_report
from mes.services.labour.costing import settle_cost as settle_cost
from mes.services.labour.folding import rebuild_hours as rebuild_hours
from mes.services.labour.following import PERSONAL as PERSONAL
from mes.services.labour.following import AlreadyClockedIn as AlreadyClockedIn
from mes.services.labour.following import NothingToEnd as NothingToEnd
from mes.services.labour.following import WorksElsewhere as WorksElsewhere
from mes.services.labour.following import follow as follow
from mes.services.labour.following import follow_job as follow_job
from mes.services.labour.following import unfollow as unfollow
from mes.services.labour.holding import hold_hours as hold_hours
from mes.services.labour.holding import hold_hours_of as hold_hours_of
from mes.services.labour.skills import SkillMissing as SkillMissing
from mes.services.labour.skills import allow_by_pin as allow_by_pin
from mes.services.labour.skills import allow_without_skill as allow_without_skill
from mes.services.labour.skills import check_skills as check_skills
