not-found = There is no such page.
