"""Baton: agent orchestrations with people in the loop, on AWS Step Functions and Supabase."""
