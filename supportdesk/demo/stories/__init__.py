"""The stories by their lasting names, those that began first before the others: so run the case numbers."""

from supportdesk.demo.stories import dead_computer, everyday, five_days, free_upgrade, more_data, needless_reinstall

STORIES = {
    "dock-without-power": everyday.closed_over_a_repair,
    "dead-computer": dead_computer.tell,
    "charged-twice": everyday.charged_twice,
    "name-on-licence": everyday.name_on_the_licence,
    "search-forgets": everyday.after_the_owner_is_back,
    "free-upgrade": free_upgrade.tell,
    "working-on-it": five_days.tell,
    "flickering-screen": everyday.flickering_screen,
    "cut-off-names": everyday.while_the_owner_is_away,
    "calendar-sync": needless_reinstall.tell,
    "screen-goes-dark": everyday.screen_goes_dark,
    "vanished-files": more_data.tell,
    "swollen-battery": everyday.swollen_battery,
    "two-answers": everyday.two_answers,
    "offline-maps": everyday.came_in_at_closing_time,
}
