"""The staff's forms, a module for each word. They read what was typed; the rules stand in the verbs."""
