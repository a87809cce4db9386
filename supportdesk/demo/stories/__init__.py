"""The stories by their lasting names, those that began first before the others: so run the case numbers."""

from supportdesk.demo.stories import dead_computer, everyday, free_upgrade

STORIES = {
    "dock-without-power": everyday.closed_over_a_repair,
    "dead-computer": dead_computer.tell,
    "charged-twice": everyday.charged_twice,
    "name-on-licence": everyday.name_on_the_licence,
    "free-upgrade": free_upgrade.tell,
    "working-on-it": everyday.working_on_it,
    "flickering-screen": everyday.flickering_screen,
    "calendar-sync": everyday.calendar_sync,
    "screen-goes-dark": everyday.screen_goes_dark,
    "vanished-files": everyday.vanished_files,
    "swollen-battery": everyday.swollen_battery,
    "offline-maps": everyday.came_in_at_closing_time,
}
