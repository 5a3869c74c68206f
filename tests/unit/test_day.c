/*
 * test_day.c - dates in every form that pages print them, one a line, with the snapshot's date and
 * the day that is meant; and a slow reader of another make.
 */
#include "analysis-svc/day.h"

#include <string.h>

#include "common/clock.h"
#include "common/str.h"
#include "tests/kit/day_slow.h"
#include "tests/kit/kit.h"

struct line {
    const char *text;
    enum day_order order;
    const char *near;
    enum day_read read;
    const char *day;
};
static const struct line table[] = {
    /* clang-format off */
    {"Jan 1", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-01-01"},
    {"1 Jan", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-01-01"},
    {"January 1", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-01-01"},
    {"01-JAN", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-01-01"},
    {"Jan. 01", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-01-01"},
    {"1 january 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-01-01"},
    {"Feb 8", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-02-08"},
    {"8 Feb", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-02-08"},
    {"February 8", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-02-08"},
    {"08-FEB", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-02-08"},
    {"Feb. 08", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-02-08"},
    {"8 february 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-02-08"},
    {"Mar 15", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-15"},
    {"15 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-15"},
    {"March 15", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-15"},
    {"15-MAR", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-15"},
    {"Mar. 15", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-15"},
    {"15 march 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-03-15"},
    {"Apr 22", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-04-22"},
    {"22 Apr", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-04-22"},
    {"April 22", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-04-22"},
    {"22-APR", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-04-22"},
    {"Apr. 22", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-04-22"},
    {"22 april 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-04-22"},
    {"May 2", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-05-02"},
    {"2 May", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-05-02"},
    {"May 2", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-05-02"},
    {"02-MAY", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-05-02"},
    {"May. 02", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-05-02"},
    {"2 may 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-05-02"},
    {"Jun 9", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-06-09"},
    {"9 Jun", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-06-09"},
    {"June 9", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-06-09"},
    {"09-JUN", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-06-09"},
    {"Jun. 09", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-06-09"},
    {"9 june 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-06-09"},
    {"Jul 16", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-07-16"},
    {"16 Jul", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-07-16"},
    {"July 16", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-07-16"},
    {"16-JUL", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-07-16"},
    {"Jul. 16", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-07-16"},
    {"16 july 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-07-16"},
    {"Aug 23", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-08-23"},
    {"23 Aug", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-08-23"},
    {"August 23", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-08-23"},
    {"23-AUG", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-08-23"},
    {"Aug. 23", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-08-23"},
    {"23 august 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-08-23"},
    {"Sep 3", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-03"},
    {"3 Sep", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-03"},
    {"September 3", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-03"},
    {"03-SEP", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-03"},
    {"Sep. 03", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-03"},
    {"3 september 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-09-03"},
    {"Oct 10", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-10-10"},
    {"10 Oct", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-10-10"},
    {"October 10", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-10-10"},
    {"10-OCT", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-10-10"},
    {"Oct. 10", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-10-10"},
    {"10 october 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-10-10"},
    {"Nov 17", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-17"},
    {"17 Nov", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-17"},
    {"November 17", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-17"},
    {"17-NOV", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-17"},
    {"Nov. 17", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-17"},
    {"17 november 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-11-17"},
    {"Dec 24", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"24 Dec", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"December 24", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"24-DEC", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"Dec. 24", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"24 december 2025", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-12-24"},
    {"Dec 31", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"31 Dec", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"December 31", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"31st of December", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"31-Dec", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"Dec. 31st", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"dec31", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"31DEC", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2026-12-31"},
    {"Jan 2", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2027-01-02"},
    {"2 Jan", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2027-01-02"},
    {"January 2nd", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2027-01-02"},
    {"Jan 1", DAY_ORDER_NONE, "2027-01-02", DAY_OK, "2027-01-01"},
    {"Nov 20", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-20"},
    {"Nov 19", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-11-19"},
    {"Nov 22", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2025-11-22"},
    {"Nov 21", DAY_ORDER_NONE, "2026-11-20", DAY_DOUBTFUL, "2025-11-21"},
    {"21 Nov", DAY_ORDER_NONE, "2026-11-20", DAY_DOUBTFUL, "2025-11-21"},
    {"21.11.", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_DOUBTFUL, "2025-11-21"},
    {"Jan 1", DAY_ORDER_NONE, "2026-12-31", DAY_DOUBTFUL, "2026-01-01"},
    {"Mar 1", DAY_ORDER_NONE, "2024-02-29", DAY_DOUBTFUL, "2023-03-01"},
    {"Feb 29", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2024-02-29"},
    {"Feb 29", DAY_ORDER_NONE, "2024-02-29", DAY_OK, "2024-02-29"},
    {"Feb 29", DAY_ORDER_NONE, "2024-02-28", DAY_DOUBTFUL, "2020-02-29"},
    {"Feb 29", DAY_ORDER_NONE, "2025-03-01", DAY_OK, "2024-02-29"},
    {"Feb 29", DAY_ORDER_NONE, "2023-12-31", DAY_OK, "2020-02-29"},
    {"2026-03-04", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"2026/03/04", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"2026.3.4", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"2026-3-04", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03/04", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"03/04", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03/04", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3/4", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3/4", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3/4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03.04.", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"03.04.", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03.04.", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3.4.", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3.4.", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3.4.", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03-04", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"03-04", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03-04", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3 / 4", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3 / 4", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3 / 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3. 4.", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3. 4.", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3. 4.", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03/04/26", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"03/04/26", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03/04/26", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3.4.2026", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3.4.2026", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3.4.2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03-04-2026", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"03-04-2026", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"03-04-2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3 / 4 / 2026", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-03"},
    {"3 / 4 / 2026", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-03-04"},
    {"3 / 4 / 2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4, 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar 4 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"March 4th, 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"4 Mar 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"4. Mar. 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"04-Mar-2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"4/Mar/2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar 4, '26", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"4 Mar \u201926", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Wed, Mar 4", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Wednesday 4 March", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"wed. 4 mar 2026", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Wed 2026-03-04", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"\u200EMar 4\u200E", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar\u00A04", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"\u2067Mar 4\u2069", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"\uFF2D\uFF41\uFF52 \uFF14", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar \u0664", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar \u06F4", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"  Mar 4  ", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Mar\u20094", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-04"},
    {"Sept 9", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-09"},
    {"Sept. 9", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-09"},
    {"9 Sept", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-09-09"},
    {"Tues, Mar 3", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-03"},
    {"Thurs 5 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2026-03-05"},
    {"Mar 4, 2031", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2031-03-04"},
    {"Jun 1 2009", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2009-06-01"},
    {"2000-02-29", DAY_ORDER_NONE, "2026-11-20", DAY_OK, "2000-02-29"},
    {"13/04", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_OK, "2026-04-13"},
    {"13/04", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_BAD, ""},
    {"13/04", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"04/13", DAY_ORDER_MONTH_FIRST, "2026-11-20", DAY_OK, "2026-04-13"},
    {"04/13", DAY_ORDER_DAY_FIRST, "2026-11-20", DAY_BAD, ""},
    {"04/13", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar '26", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"4 Mar 26", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 26", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 32", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 0", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"31 Apr", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Feb 30", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"30 February 2024", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Feb 29, 2025", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Thu, Mar 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mon 4 Mar 2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mrz 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Ma 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Marc 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Marchh 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"4 Mar - 9 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4-9", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 10:30", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"10:30", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"yesterday", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2d ago", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Wed", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2026-13-01", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2026-00-10", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2026-04-31", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"20260304", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2026-03", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03/04-26", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3//4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"/3/4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"3/4/", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 x", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"x Mar 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4\u2026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar four", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"4th", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 202", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 20266", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4, 1899", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 2200", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"-4 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar +4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"M\u00E4r 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 4 (edited)", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"2026-03-04T10:00", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03/04/1", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"03/04/026", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"4 of", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"of Mar 4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"100 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar 004", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"l4 Mar", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"Mar l4", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"O3/04", DAY_ORDER_NONE, "2026-11-20", DAY_BAD, ""},
    {"", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {"-", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {"\u2014", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {"N/A", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {"n/a", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {"\u2013\u2013", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    {" ", DAY_ORDER_NONE, "2026-11-20", DAY_NONE, ""},
    /* clang-format on */
};

static void every_line_reads_as_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct line *l = &table[i];
        const struct day_rule rule = {l->order, l->near};
        const char *why = NULL;
        char out[DAY_SIZE] = "";
        enum day_read read = day_parse(sv_of(l->text), &rule, out, &why);

        if (read != l->read || strcmp(out, l->day) != 0)
            fail_msg("\"%s\" near %s: %d %s, not %d %s", l->text, l->near, (int)read, out,
                     (int)l->read, l->day);
        assert_int_equal(why && *why, read == DAY_BAD || read == DAY_DOUBTFUL);
    }
}

static const char *why_of(const char *text, const char *near)
{
    const struct day_rule rule = {DAY_ORDER_NONE, near};
    const char *why = "";
    char out[DAY_SIZE];

    assert_int_equal(day_parse(sv_of(text), &rule, out, &why), DAY_BAD);
    return why;
}

static void what_is_refused_is_refused_in_words(void **state)
{
    (void)state;
    assert_non_null(strstr(why_of("03/04", "2026-11-20"), "two ways"));
    assert_non_null(strstr(why_of("Feb 30", "2026-11-20"), "calendar"));
    assert_non_null(strstr(why_of("4 Mar 0000", "2026-11-20"), "calendar")); /* it has a year */
    assert_non_null(strstr(why_of("0000-03-04", "2026-11-20"), "calendar"));
    assert_non_null(strstr(why_of("Thu, Mar 4", "2026-11-20"), "another day of the week"));
    assert_non_null(strstr(why_of("soon", "2026-11-20"), "no date"));
    assert_non_null(strstr(why_of("Mar 4", ""), "no year"));
    assert_non_null(strstr(why_of("Mar 4", NULL), "no year"));
}

static void without_the_snapshots_date_a_printed_year_is_enough(void **state)
{
    const struct day_rule rule = {DAY_ORDER_NONE, NULL};
    const char *why = NULL;
    char out[DAY_SIZE] = "";

    (void)state;
    assert_int_equal(day_parse(sv_of("4 Mar 2026"), &rule, out, &why), DAY_OK);
    assert_string_equal(out, "2026-03-04");
}

static void whatever_the_snapshots_date_the_day_is_the_last_one_not_after_it(void **state)
{
    int64_t start;

    (void)state;
    assert_true(clock_parse_day(sv_of("2019-12-25"), &start));
    for (int i = 0; i < 366 * 9; i += 5) { /* the whole rhythm of leap years */
        char near[CLOCK_DAY_SIZE], out[DAY_SIZE] = "", slow[11] = "";
        struct day_rule rule = {DAY_ORDER_NONE, near};
        const char *why;
        static const char *const prints[] = {"Feb 29", "Dec 31", "1 Jan", "Mar 1", "Nov 20"};

        clock_day(start + (int64_t)i * 86400, near);
        for (size_t k = 0; k < COUNT_OF(prints); k++) {
            enum day_read read = day_parse(sv_of(prints[k]), &rule, out, &why);

            assert_true(read == DAY_OK || read == DAY_DOUBTFUL);
            assert_int_equal(day_slow(prints[k], 0, start + (int64_t)i * 86400, slow),
                             read == DAY_OK ? 1 : 2);
            assert_string_equal(out, slow);
            assert_true(strcmp(out, near) <= 0);
        }
    }
}

static void the_slow_reader_agrees(void **state)
{
    static const char *const bits[] = {"Mar", "march", "Sept", "Feb", "4",  "29",  "31",  "03",
                                       "13",  "2024",  "'26",  "26",  "th", " ",   " ",   " ",
                                       ".",   ",",     "/",    "/",   "-",  "-",   "Wed", "thurs",
                                       "of",  "st",    "x",    "Dec", "1",  "2026"};
    unsigned long long seed = 20261120;
    size_t good = 0;
    int64_t near;

    (void)state;
    assert_true(clock_parse_day(sv_of("2026-11-20"), &near));
    for (int i = 0; i < 40000; i++) {
        AUTO(str_free) struct str text = STR_INIT(256);
        struct day_rule rule = {(enum day_order)(i % 3), "2026-11-20"};
        size_t n = 1 + (size_t)(seed >> 40) % 6;
        char fast[DAY_SIZE] = "", slow[11] = "";
        const char *why;
        enum day_read read;
        int want;

        for (size_t k = 0; k < n; k++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            str_addz(&text, bits[(seed >> 33) % COUNT_OF(bits)]);
        }
        read = day_parse(str_sv(&text), &rule, fast, &why);
        want = day_slow(text.p, (int)rule.order, near, slow);
        good += want > 0 ? 1 : 0;
        if (want != (read == DAY_OK         ? 1
                     : read == DAY_DOUBTFUL ? 2
                                            : 0) ||
            (want > 0 && strcmp(fast, slow) != 0))
            fail_msg("\"%s\" %d: %d %s, slowly %d %s", text.p, i % 3, (int)read, fast, want, slow);
    }
    assert_true(good > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_reads_as_it_says),
        cmocka_unit_test(what_is_refused_is_refused_in_words),
        cmocka_unit_test(without_the_snapshots_date_a_printed_year_is_enough),
        cmocka_unit_test(whatever_the_snapshots_date_the_day_is_the_last_one_not_after_it),
        cmocka_unit_test(the_slow_reader_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
