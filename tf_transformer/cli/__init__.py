"""The programs behind the recipes and the console command."""
