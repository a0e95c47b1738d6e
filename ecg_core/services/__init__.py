"""What a user can do. Both fronts call these functions; one call is one unit of work."""
