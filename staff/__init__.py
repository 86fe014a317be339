"""The console door, for the people who keep the knowledge right and work the cases."""
