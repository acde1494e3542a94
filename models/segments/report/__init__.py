"""What segments are worth, how customers migrate, and what is wrong with the segmentation."""
