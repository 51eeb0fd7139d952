"""What histories hold is readable to those alone who have the keys, and in its own run only."""
