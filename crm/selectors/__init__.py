"""Questions about customers: quotations, rush requests, promises, notices. Read only, limited by `visible_to(user)`."""

from crm.selectors.cases import visible_cases as visible_cases
from crm.selectors.confidence import SURE_PERCENT as SURE_PERCENT
from crm.selectors.confidence import Spread as Spread
from crm.selectors.confidence import observed as observed
from crm.selectors.confidence import spread_of as spread_of
from crm.selectors.exposures import spreads_of_lines as spreads_of_lines
from crm.selectors.kept import Delivered as Delivered
from crm.selectors.kept import delivered_lines as delivered_lines
from crm.selectors.notices import visible_notices as visible_notices
from crm.selectors.owners import owners as owners
from crm.selectors.prices import Priced as Priced
from crm.selectors.prices import prices_for as prices_for
from crm.selectors.promises import expected_dates as expected_dates
from crm.selectors.promises import latest_promises as latest_promises
from crm.selectors.promises import promise_history as promise_history
from crm.selectors.quotations import QuotationDetail as QuotationDetail
from crm.selectors.quotations import quotation_detail as quotation_detail
from crm.selectors.quotations import visible_quotations as visible_quotations
from crm.selectors.rush import OptionNow as OptionNow
from crm.selectors.rush import giving_operations as giving_operations
from crm.selectors.rush import open_rush_requests as open_rush_requests
from crm.selectors.rush import option_now as option_now
from crm.selectors.rush import rush_answer as rush_answer
from crm.selectors.rush import rush_detail as rush_detail
from crm.selectors.rush import rush_request as rush_request
from crm.selectors.rush import visible_rush_requests as visible_rush_requests
